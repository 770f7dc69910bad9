package api

import (
	"fmt"
	"reflect"
)

// noSecrets returns an error if a body of the type has a member that is tagged secret:"true". It also checks types that
// marshal themselves, since CBOR does not call all of their methods.
//
// Threat: the hash of a password in a response, because a model is used as a body.
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
