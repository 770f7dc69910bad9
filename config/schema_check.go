package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Variables that every shell sets: a top-level key of one of these names would be filled by accident.
var shellVariables = []string{
	"HOME", "HOSTNAME", "LANG", "LOGNAME", "PATH", "PWD",
	"SHELL", "TERM", "TMPDIR", "TZ", "USER",
}

// check finds the mistakes that can be seen in the declaration alone.
func (s *schema) check() error {
	var faults []error
	for _, f := range s.fields {
		faults = append(faults, s.checkName(f), checkTags(f))
	}
	return errors.Join(faults...)
}

func (s *schema) checkName(f *field) error {
	if strings.Trim(f.key, "abcdefghijklmnopqrstuvwxyz0123456789_.") != "" {
		return fmt.Errorf("%s: a key consists of lower-case letters, digits and underscores", f.key)
	}
	if s.isPrefix[f.key] {
		return fmt.Errorf("%s: is a section as well", f.key)
	}
	if slices.Contains(shellVariables, f.env) {
		return fmt.Errorf("%s: every shell sets %s; choose another name", f.key, f.env)
	}
	for _, word := range []string{"HOST", "PORT"} {
		if f.key != "port" && (f.env == word || strings.HasSuffix(f.env, "_"+word)) {
			return fmt.Errorf("%s: Kubernetes injects variables such as %s for its services; "+
				"end the key in something else than host and port (addr, url, bind)", f.key, f.env)
		}
	}
	if words := strings.Split(f.env, "_"); f.typ.Kind() == reflect.String && !f.declared &&
		slices.Contains(secretWords, words[len(words)-1]) {
		return fmt.Errorf("%s: by its name it is a secret; hide it with secret:\"true\", or say secret:\"false\"", f.key)
	}
	return nil
}

// secretWords end the names of values that nobody should see by accident.
var secretWords = []string{"KEY", "SECRET", "TOKEN", "PASSWORD", "PASSPHRASE"}

// checkValidate finds a method that is meant to be called and would not be, because of its signature.
func checkValidate(t reflect.Type, prefix string) error {
	pointer := reflect.PointerTo(t)
	method, ok := pointer.MethodByName("Validate")
	if !ok || pointer.Implements(reflect.TypeFor[Validator]()) || pointer.Implements(reflect.TypeFor[plainValidator]()) {
		return nil
	}
	return fmt.Errorf("%s: %v has a method Validate that is never called, because it is a %v; "+
		"it has to be Validate(*config.Faults) or Validate() error", prefix, t, method.Type)
}

// checkTags parses what the tags hold, so that a bad default is found by the first test and not by a user.
func checkTags(f *field) error {
	if f.required != "" && f.required != "true" && !slices.Contains(environments, f.required) {
		return fmt.Errorf("%s: required:%q is neither true nor one of %s", f.key, f.required,
			strings.Join(environments, ", "))
	}
	for _, bound := range []string{f.min, f.max} {
		if bound == "" {
			continue
		}
		if _, err := compare(reflect.New(f.typ).Elem(), bound); err != nil {
			return fmt.Errorf("%s: the bound %q: %w", f.key, bound, err)
		}
	}
	if f.fallback == "" {
		return nil
	}
	if err := f.parse(reflect.New(f.typ).Elem(), f.fallback); err != nil {
		return fmt.Errorf("%s: the default %q: %w", f.key, f.fallback, err)
	}
	return nil
}
