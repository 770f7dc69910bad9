package ui

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Nothing is what pages show for no value.
const Nothing = "–"

// Text is a value as people read it on a page: a time as "2 Jan 2026, 15:04 UTC", a boolean as Yes or No, a nil pointer
// or an empty text as [Nothing], what marshals itself to text as that, and anything else as fmt prints it.
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
		if value.IsZero() {
			return Nothing
		}
		return value.UTC().Format("2 Jan 2006, 15:04 UTC")
	case bool:
		if value {
			return "Yes"
		}
		return "No"
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case json.RawMessage:
		return orNothing(string(value))
	case encoding.TextMarshaler:
		if text, err := value.MarshalText(); err == nil {
			return orNothing(string(text))
		}
	}
	return orNothing(fmt.Sprint(v.Interface()))
}

func orNothing(text string) string {
	if text == "" {
		return Nothing
	}
	return text
}
