package text

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	printer "golang.org/x/text/message"
	"golang.org/x/text/number"
)

// numberFormat is how a language writes numbers, by CLDR.
type numberFormat struct {
	group, decimal, minus string
	primary, secondary    int // digits of the last group, and of the groups before it
	minGroup              int // digits that a number must have to be grouped
	zero                  rune
}

// newNumberFormat derives the format of a language from sample numbers, because x/text formats no exact decimals.
func newNumberFormat(tag language.Tag) numberFormat {
	p := printer.NewPrinter(tag)
	f := numberFormat{decimal: ".", minus: "-", zero: '0'}
	sample := []rune(p.Sprint(number.Decimal(1234567890)))
	first, _ := utf8.DecodeRuneInString(string(sample))
	if unicode.IsDigit(first) {
		f.zero = first - 1
	}
	digits, groups := 0, []int{}
	for _, r := range sample {
		if unicode.IsDigit(r) {
			digits++
			continue
		}
		if unicode.Is(unicode.Cf, r) {
			continue // a direction mark
		}
		f.group = string(r)
		groups = append(groups, digits)
		digits = 0
	}
	f.primary, f.secondary = digits, digits
	if len(groups) > 1 {
		f.secondary = groups[len(groups)-1]
	}
	f.minGroup = 4
	if !strings.Contains(p.Sprint(number.Decimal(1234)), f.group) || f.group == "" {
		f.minGroup = 5
	}
	if half := p.Sprint(number.Decimal(1.5)); utf8.RuneCountInString(half) == 3 {
		f.decimal = string([]rune(half)[1])
	}
	if negative, _, cut := strings.Cut(p.Sprint(number.Decimal(-1)), string(f.zero+1)); cut && negative != "" {
		f.minus = negative
	}
	return f
}

// write returns a number that is written as [-]digits[.digits] in the format of the language.
func (f numberFormat) write(plain string) string {
	digits, negative := strings.CutPrefix(plain, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteString(f.minus)
	}
	for i, r := range whole {
		rest := len(whole) - i
		if i > 0 && len(whole) >= f.minGroup && f.primary > 0 &&
			(rest == f.primary || rest > f.primary && (rest-f.primary)%f.secondary == 0) {
			b.WriteString(f.group)
		}
		b.WriteRune(r - '0' + f.zero)
	}
	if fraction != "" {
		b.WriteString(f.decimal)
		for _, r := range fraction {
			b.WriteRune(r - '0' + f.zero)
		}
	}
	return b.String()
}

// plainNumber returns a value as [-]digits[.digits], and false for a value that is not a number. Decimals are types with
// the methods Rat and String, such as shopspring's; their digits are kept.
func plainNumber(value any) (string, bool) {
	if decimal, ok := value.(interface{ Rat() *big.Rat }); ok {
		if text, ok := value.(fmt.Stringer); ok {
			return text.String(), isPlainNumber(text.String())
		}
		return decimal.Rat().FloatString(2), true
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return "", false
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	case v.CanFloat():
		text := strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits())
		return text, isPlainNumber(text)
	}
	return "", false
}

func isPlainNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	whole, fraction, point := strings.Cut(text, ".")
	return whole != "" && (!point || fraction != "") && strings.Trim(whole+fraction, "0123456789") == ""
}

// wholeNumber returns a value as an integer, and false if it is none.
func wholeNumber(value any) (int64, bool) {
	plain, ok := plainNumber(value)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(plain, 10, 64)
	return n, err == nil
}
