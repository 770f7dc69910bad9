package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// decode sets the fields of the struct. Every layer's value is parsed, also one that a higher layer overrides, so
// that a fault in a file does not wait for the day on which it becomes effective.
func (l *loader) decode(root reflect.Value) {
	for _, f := range l.schema.fields {
		dst := root.FieldByIndex(f.index)
		for _, layer := range l.layers {
			if v, ok := layer.get(f.key); ok {
				l.effective[f.key] = v
				l.parse(f, dst, v)
			}
		}
		if f.requiredIn(l.env) && isEmpty(dst) && !mentions(l.faults, f.key) && !l.hasUnreadFile() {
			l.faults = append(l.faults, f.missing(l.effective[f.key]))
		}
	}
}

// parse reads one layer's value; a faulty one leaves the zero value.
func (l *loader) parse(f *field, dst reflect.Value, v value) {
	if f.key == envKey && mentions(l.faults, envKey) {
		return // chooseEnv has said it already
	}
	scratch := reflect.New(f.typ).Elem()
	if err := f.parse(scratch, v.raw); err != nil {
		scratch.SetZero()
		l.faults = append(l.faults, Fault{
			Key: f.key, Source: v.source, Value: l.shown(f.key, v.raw),
			Problem: scrubText(err.Error(), v.raw, f.secret),
		})
	}
	dst.Set(scratch)
}

// hasFaultIn reports whether a key of a section has a fault already.
func hasFaultIn(faults []Fault, section string) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return strings.HasPrefix(f.Key, section+".") })
}

// hasUnreadFile reports whether a whole file could not be read: what seems to be missing may stand in it.
func (l *loader) hasUnreadFile() bool { return mentions(l.faults, "") }

// mentions reports whether a key has a fault already.
func mentions(faults []Fault, key string) bool {
	return slices.ContainsFunc(faults, func(f Fault) bool { return f.Key == key })
}

func (f *field) requiredIn(env string) bool {
	return f.required == "true" || f.required == env
}

func (f *field) missing(v value) Fault {
	problem := "is required"
	if f.required != "true" {
		problem += " in " + f.required
	}
	hint := fmt.Sprintf("Set %s in the environment, or %s in config/config.yaml.", f.env, f.key)
	if f.secret {
		hint = fmt.Sprintf("Set %s in the environment.", f.env)
	}
	if v.source == "default" {
		v.source = ""
	}
	return Fault{Key: f.key, Source: v.source, Problem: problem, Hint: hint}
}

// shown is a value as a fault may show it.
func (l *loader) shown(key string, raw any) string {
	text := show(raw, redactUser)
	if f := l.schema.byKey[key]; f != nil && f.secret && text != "" {
		return hidden
	}
	return shorten(text)
}

// scrub hides in a text of a Validator what no fault may show: the values of secrets, the credentials of the others.
func (l *loader) scrub(text string) string {
	for _, f := range l.schema.fields {
		text = scrubText(text, l.effective[f.key].raw, f.secret)
	}
	return text
}

// validate asks every section for its own rules. What they say of a key that has a fault already is left out: it is
// about a value that could not be read. A method that an embedded struct lends to the struct around it is called for
// both and says the same, which newError reports once.
func (l *loader) validate(root reflect.Value) {
	unreadable := l.faults
	l.faults = nil
	for _, s := range l.schema.sections {
		target := root
		if len(s.index) > 0 {
			target = root.FieldByIndex(s.index)
		}
		if !target.Addr().CanInterface() {
			continue
		}
		switch validator := target.Addr().Interface().(type) {
		case Validator:
			validator.Validate(&Faults{loader: l, prefix: s.key})
		case plainValidator:
			if !hasFaultIn(unreadable, s.key) { // its errors name no keys, so they may be about that fault
				l.addErrors(s.key, validator.Validate())
			}
		}
	}
	broken := l.faults
	l.faults = unreadable
	for _, fault := range broken {
		if fault.Key == "" || !mentions(unreadable, fault.Key) {
			l.faults = append(l.faults, fault)
		}
	}
}

// addErrors reports what a plain Validate returned, joined errors one by one.
func (l *loader) addErrors(key string, err error) {
	// Only a join itself is split: what wraps one has a text of its own.
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			l.addErrors(key, one)
		}
		return
	}
	if err != nil {
		l.faults = append(l.faults, Fault{Key: key, Problem: l.scrub(err.Error())})
	}
}
