package jobs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	encryptedPayload = "[encrypted]"
	hiddenValue      = "[hidden]"
)

// Arguments returns the arguments of a job for people: indented JSON in which the values of fields with the tag
// `covet:"secret"`, and of those whose name says that they are secret, such as password or token, are "[hidden]". Those
// of kinds that are encrypted are "[encrypted]" as a whole. Empty for what is no JSON: nobody knows what is secret in it.
//
// Threat: who may look at jobs sees what lets them act as somebody else, such as a link that resets a password.
func (c *Client) Arguments(row *covetmodels.OutboxRow) string {
	if row.SealedWith != "" {
		return encryptedPayload
	}
	var t reflect.Type
	if e, ok := c.registry.kind(row.Kind); ok {
		t = e.typ
	}
	return redact(row.Payload, t)
}

// Outcome returns the result that a job left behind for people: like [Client.Arguments], by the names alone. Empty if it
// left none.
func (c *Client) Outcome(row *covetmodels.OutboxRow) string { return redact(row.Result, nil) }

// redact returns JSON without its secrets; empty for what is none.
func redact(text string, t reflect.Type) string {
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil || decoder.More() {
		return ""
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
			field, known := fields[strings.ToLower(name)] // as encoding/json reads it
			switch {
			case inner != nil && (field.secret || soundsSecret(name)):
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
		fields[strings.ToLower(name)] = secretField{typ: field.Type, secret: field.Tag.Get("covet") == "secret"}
	}
	return fields, nil
}

// soundsSecret reports whether a name in JSON is that of something secret: one of these words is in it, or it is one of them.
func soundsSecret(name string) bool {
	name = strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(name))
	for _, word := range []string{
		"password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "accesskey", "privatekey", "signingkey",
		"encryptionkey", "authorization", "cookie", "credential", "cardnumber", "creditcard", "sessionid",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return slices.Contains([]string{"pwd", "pin", "otp", "cvv", "cvc", "iban", "ssn", "jwt", "dsn"}, name)
}
