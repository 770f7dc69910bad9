package jobs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	encryptedPayload = "[encrypted]"
	hiddenValue      = "[hidden]"
)

// Arguments returns the arguments of a job for people: indented JSON in which the values of fields with the tag
// `covet:"secret"`, and of those whose name says that they are secret, such as password or token, are "[hidden]". Those
// of kinds that are encrypted are "[encrypted]" as a whole.
//
// Threat: who may look at jobs sees what lets them act as somebody else, such as a link that resets a password.
func (c *Client) Arguments(row *covetmodels.OutboxRow) string {
	if row.SealedWith != "" {
		return encryptedPayload
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(row.Payload))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return row.Payload
	}
	var t reflect.Type
	if e, ok := c.registry.kind(row.Kind); ok {
		t = e.typ
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(redacted(value, t)); err != nil {
		return hiddenValue
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// redacted hides secrets in a decoded value, which is of the type t if that is known.
func redacted(value any, t reflect.Type) any {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := value.(type) {
	case map[string]any:
		fields, elem := secretFields(t)
		for name, inner := range value {
			field, known := fields[name]
			switch {
			case field.secret || soundsSecret(name):
				value[name] = hiddenValue
			case known:
				value[name] = redacted(inner, field.typ)
			default:
				value[name] = redacted(inner, elem)
			}
		}
	case []any:
		var elem reflect.Type
		if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			elem = t.Elem()
		}
		for i := range value {
			value[i] = redacted(value[i], elem)
		}
	}
	return value
}

type secretField struct {
	typ    reflect.Type
	secret bool
}

// secretFields returns the fields of a struct by their names in JSON, or the type of the elements of a map.
func secretFields(t reflect.Type) (map[string]secretField, reflect.Type) {
	if t == nil {
		return nil, nil
	}
	if t.Kind() == reflect.Map {
		return nil, t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, nil
	}
	fields := map[string]secretField{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		fields[name] = secretField{typ: field.Type, secret: field.Tag.Get("covet") == "secret"}
	}
	return fields, nil
}

// soundsSecret reports whether a name in JSON is that of something secret.
func soundsSecret(name string) bool {
	name = strings.ToLower(name)
	for _, end := range []string{"password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "authorization"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
