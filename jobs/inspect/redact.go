package inspect

import (
	"bytes"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"

	covetmodels "github.com/covetgo/covet/models"
)

const (
	encryptedPayload = "[encrypted]"
	hiddenValue      = "[hidden]"
)

// Arguments returns the arguments of a job for display: indented JSON in which secrets are replaced by "[hidden]".
// Secrets are the values of fields with the tag `secret:"true"`, of fields with a name such as password or token, and
// of such parameters in URLs. For an unregistered kind, whose tags are unknown, all values are hidden. Encrypted
// arguments are replaced by "[encrypted]". Arguments returns "" if the arguments are not JSON.
//
// Threat: an administrator who may look at jobs reads secrets with which to act as a user, such as a password reset
// link.
func (i *Inspector) Arguments(row *covetmodels.OutboxRow) string {
	if row.SealedWith != "" {
		return encryptedPayload
	}
	typ := i.registry.Type(row.Kind)
	if typ == nil {
		return redact(row.Payload, hideAll)
	}
	return redact(row.Payload, func(value any) any { return redacted(value, typ) })
}

// Outcome returns the result of a job for display. It hides secrets like [Inspector.Arguments], by the names of fields
// alone. It returns "" if there is no result.
func (i *Inspector) Outcome(row *covetmodels.OutboxRow) string {
	return redact(row.Result, func(value any) any { return redacted(value, nil) })
}

// redact returns JSON without its secrets; empty if text is not JSON.
func redact(text string, hide func(any) any) string {
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
	if err := encoder.Encode(hide(value)); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// redacted hides secrets in a decoded value of type t, which is nil if the type is unknown.
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
	case string:
		return redactedText(value)
	}
	return value
}

// redactedText hides secrets in a string that contains JSON or is a URL.
func redactedText(text string) any {
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		if inner := redact(text, func(value any) any { return redacted(value, nil) }); inner != "" {
			return inner
		}
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return text
	}
	hidden := false
	if _, has := u.User.Password(); has {
		u.User, hidden = url.UserPassword(u.User.Username(), hiddenValue), true
	}
	query := u.Query()
	for name := range query {
		if soundsSecret(name) {
			query.Set(name, hiddenValue)
			hidden = true
		}
	}
	if !hidden {
		return text
	}
	u.RawQuery = query.Encode()
	if plain, err := url.PathUnescape(u.String()); err == nil {
		return plain
	}
	return u.String()
}

// hideAll hides every value and keeps the names.
func hideAll(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			value[name] = hideAll(inner)
		}
	case []any:
		for i, inner := range value {
			value[i] = hideAll(inner)
		}
	case nil:
	default:
		return hiddenValue
	}
	return value
}

type secretField struct {
	typ    reflect.Type
	secret bool
}

// secretFields returns the fields of a struct by their JSON names, or the element type of a map.
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
		fields[strings.ToLower(name)] = secretField{typ: field.Type, secret: field.Tag.Get("secret") == "true"}
	}
	return fields, nil
}

// soundsSecret reports whether a JSON name suggests a secret: it contains or equals one of these words.
func soundsSecret(name string) bool {
	name = strings.NewReplacer("_", "", "-", "", " ", "", ".", "").Replace(strings.ToLower(name))
	for _, word := range []string{
		"password", "passwd", "passphrase", "passcode", "secret", "token", "apikey", "accesskey", "privatekey",
		"signingkey", "encryptionkey", "authorization", "cookie", "credential", "cardnumber", "creditcard", "sessionid",
		"bearer", "signature", "certificate",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	words := []string{"pwd", "pass", "pin", "otp", "otpcode", "auth", "sig", "cvv", "cvc", "iban", "ssn", "jwt", "dsn"}
	return slices.Contains(words, name)
}
