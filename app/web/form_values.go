package web

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"reflect"
	"strconv"
	"time"
)

// FormValues is the inverse of Bind: it returns the text of a form's controls for a struct with form tags, by their
// names. A nil pointer has no text, nor has the zero value of a time or of another type that marshals to text, unless
// it is a number (Rat). False has none, because an unchecked box sends nothing. Times use the format of datetime-local,
// in UTC, with seconds only if there are any. Files are omitted.
//
//	web.Render(c, http.StatusOK, formPage(inputs(web.FormValues(input), nil)))
func FormValues(form any) url.Values {
	values := url.Values{}
	v := reflect.ValueOf(form)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	addFields(values, v)
	return values
}

func addFields(values url.Values, v reflect.Value) {
	for i := range v.NumField() {
		sf, field := v.Type().Field(i), v.Field(i)
		name := sf.Tag.Get("form")
		switch {
		case !sf.IsExported() && !sf.Anonymous:
		case name == "" || name == "-":
			if sf.Anonymous && field.Kind() == reflect.Struct {
				addFields(values, field)
			}
		case field.Kind() == reflect.Slice && field.Type() != rawType:
			for j := range field.Len() {
				values.Add(name, textOf(field.Index(j)))
			}
		default:
			if written := textOf(field); written != "" {
				values.Set(name, written)
			}
		}
	}
}

var rawType = reflect.TypeFor[json.RawMessage]()

// text is a value as a control holds it.
func textOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() || v.Type() == reflect.TypeFor[*File]() {
			return ""
		}
		return textOf(v.Elem())
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return localTime(value)
	case json.RawMessage:
		return string(value)
	case encoding.TextMarshaler:
		if _, number := value.(interface{ Rat() *big.Rat }); v.IsZero() && !number {
			return ""
		}
		return marshalText(value)
	}
	switch v.Kind() {
	case reflect.Bool:
		if !v.Bool() {
			return ""
		}
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	}
	return fmt.Sprint(v.Interface())
}

func marshalText(m encoding.TextMarshaler) string {
	written, err := m.MarshalText()
	if err != nil {
		return ""
	}
	return string(written)
}

// localTime formats a time for a datetime-local control.
func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	if t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04")
	}
	return t.Format("2006-01-02T15:04:05")
}
