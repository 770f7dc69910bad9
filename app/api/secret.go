package api

import (
	"fmt"
	"reflect"
)

// noSecrets returns an error when a body of the type holds a field that is tagged
// secret:"true" and yet a member of the body. It looks at what is inside types that
// write themselves, too, since CBOR does not ask all of them.
//
// Threat: the hash of a password in an answer, since a model became a body.
func noSecrets(t reflect.Type) error { return findSecret(t, map[reflect.Type]bool{}) }

func findSecret(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return findSecret(t.Elem(), seen)
	case reflect.Struct:
	default:
		return nil
	}
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Tag.Get("json") == "-" || (!sf.IsExported() && !sf.Anonymous) {
			continue
		}
		if sf.Tag.Get("secret") == "true" {
			return fmt.Errorf(`field %s of %s is tagged secret:"true": tag it json:"-" as well, or use a type without it`,
				sf.Name, t)
		}
		if err := findSecret(sf.Type, seen); err != nil {
			return err
		}
	}
	return nil
}
