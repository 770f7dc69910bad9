package ui

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/models"
)

// Nothing is the text for no value.
const Nothing = "–"

// Text is a value as people read it on a page: a time as "2 Jan 2026, 15:04 UTC", a date as "2 Jan 2026", a boolean as
// Yes or No, a nil pointer or an empty text as [Nothing], what marshals itself to text as that, and anything else as fmt
// prints it. [Choice], [Decimal] and [Money] are for values that need to know more.
func Text(value any) string {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return Nothing
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		return Nothing
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return orNothing(format.Time(value))
	case bool:
		return format.Bool(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case json.RawMessage:
		return orNothing(string(value))
	case models.Date:
		return orNothing(format.Day(fmt.Sprint(value)))
	case encoding.TextMarshaler:
		if text, err := value.MarshalText(); err == nil {
			return orNothing(string(text))
		}
	}
	return orNothing(fmt.Sprint(v.Interface()))
}

// Choice formats a value of an enum: "in_stock" is "In stock".
func Choice(value any) string {
	text := Text(value)
	if text == Nothing {
		return text
	}
	return format.Value(text)
}

// Decimal formats a decimal number with the number of digits of its column: 55 is "55.00" with two.
func Decimal(value any, scale int) string { return format.Decimal(Text(value), scale) }

// Money is an amount as people read it: "EUR 349.00". The currency is a code of ISO 4217, and scale is how many digits its
// amounts have after their point.
func Money(value any, currency string, scale int) string {
	amount := Decimal(value, scale)
	if amount == Nothing {
		return amount
	}
	return currency + "\u00a0" + amount // a no-break space
}

func orNothing(text string) string {
	if text == "" {
		return Nothing
	}
	return text
}
