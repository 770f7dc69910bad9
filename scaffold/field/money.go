package field

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/currency"
)

// moneyDigits is how many digits every database keeps of an amount; enough for 9 trillion of most currencies.
const moneyDigits = sqliteDigits

var currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)

// currency reads the currency of money. The number of digits after the point is that of ISO 4217.
func (p *parser) currency(f *Field, text string, at int) error {
	unit, err := currency.ParseISO(text)
	switch {
	case text == "":
		return p.fail(at, "money has a currency, a code of ISO 4217", "money(EUR)")
	case err != nil:
		return p.fail(at, fmt.Sprintf("%q is not a code of ISO 4217", text), "")
	case !currencyPattern.MatchString(text):
		return p.fail(at, "a currency has capital letters", strings.ToUpper(text))
	}
	f.Currency, f.Precision = text, moneyDigits
	f.Scale, _ = currency.Standard.Rounding(unit)
	return nil
}
