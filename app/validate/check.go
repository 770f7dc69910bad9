package validate

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
)

// checker is one walk through a value.
type checker struct {
	ctx  context.Context //nolint:containedctx // a checker lives as long as the call with ctx
	opts Options
	errs Errors
}

// maxFaults limits the reported faults, so that the answer is not larger than the request.
const maxFaults = 100

func (c *checker) add(name, message string) {
	if len(c.errs) < maxFaults {
		c.errs.Add(name, message)
	}
}

// structure checks a struct. The fields of an embedded struct belong to the outer one, which then also has its Validate
// method.
func (c *checker) structure(value reflect.Value, prefix string, embedded bool) error {
	p, err := planOf(value.Type())
	if err != nil {
		return err
	}
	for i := range p.fields {
		f := &p.fields[i]
		if c.opts.JSON && f.unreachable {
			continue
		}
		if err := c.field(f, value, prefix); err != nil {
			return err
		}
	}
	if embedded || !p.validates || !value.CanAddr() || !value.Addr().CanInterface() {
		return nil
	}
	own, _ := value.Addr().Interface().(Validator) // the plan says that it is one
	return c.runValidator(own, prefix)
}

// runValidator calls a Validate method and adds prefix to the names of its errors.
func (c *checker) runValidator(v Validator, prefix string) error {
	if prefix == "" {
		return v.Validate(c.ctx, c.errs)
	}
	errs := Errors{}
	if err := v.Validate(c.ctx, errs); err != nil {
		return err
	}
	for name, message := range errs {
		c.add(prefix+name, message)
	}
	return nil
}

func (c *checker) field(f *field, parent reflect.Value, prefix string) error {
	value := parent.Field(f.index)
	if f.embedded {
		return c.checkStruct(value, prefix, true)
	}
	name := prefix + f.name
	if c.opts.JSON {
		name = prefix + f.jsonName
	}
	if f.required && c.missing(value, name) {
		c.add(name, keyed("required").message(c.ctx))
		return nil
	}
	for value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil
		}
		value = value.Elem()
	}
	if f.list {
		return c.list(f, value, parent, name)
	}
	return c.checkValue(f, value, parent, name)
}

// missing reports whether required rejects the value.
func (c *checker) missing(value reflect.Value, name string) bool {
	switch kind := value.Kind(); {
	case !value.IsZero():
		return false
	case kind == reflect.Bool, isNumber(value.Type()), kind == reflect.Struct && !opaque(value.Type()):
		return c.opts.Missing != nil && c.opts.Missing(name)
	}
	return true
}

func (c *checker) list(f *field, value, parent reflect.Value, name string) error {
	for _, r := range f.listRules {
		if wrong := r.check(value); wrong.key != "" {
			c.add(name, wrong.message(c.ctx))
			return nil
		}
	}
	if !f.nested && len(f.rules) == 0 && len(f.lookups) == 0 {
		return nil
	}
	if value.Kind() == reflect.Map {
		for _, key := range value.MapKeys() {
			// Values of a map are not addressable, so they have no Validate method with a pointer receiver.
			item := reflect.New(value.Type().Elem()).Elem()
			item.Set(value.MapIndex(key))
			if err := c.item(f, item, parent, itemName(name, fmt.Sprint(key))); err != nil {
				return err
			}
		}
		return nil
	}
	for i := range value.Len() {
		if err := c.item(f, value.Index(i), parent, itemName(name, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}

// itemName returns the name of an item of a list.
func itemName(name, item string) string {
	if name == "" {
		return item
	}
	return name + "." + item
}

func (c *checker) item(f *field, value, parent reflect.Value, name string) error {
	for value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil
		}
		value = value.Elem()
	}
	if f.nested {
		return c.checkStruct(value, name+".", false)
	}
	return c.checkValue(f, value, parent, name)
}

// checkValue checks one value by the rules of its field.
func (c *checker) checkValue(f *field, value, parent reflect.Value, name string) error {
	if f.nested {
		return c.checkStruct(value, name+".", false)
	}
	empty := value.Kind() == reflect.String && value.Len() == 0 && (c.opts.Sent == nil || !c.opts.Sent(name))
	for _, r := range f.rules {
		if empty && r.passesEmpty {
			continue
		}
		if wrong := r.check(value); wrong.key != "" {
			c.add(name, wrong.message(c.ctx))
			return nil
		}
	}
	for _, l := range f.lookups {
		if len(l.together) > 0 {
			continue // Duplicate reports it
		}
		wrong, err := c.checkLookup(l, value, parent)
		if err != nil {
			return fmt.Errorf("field %s: %w", name, err)
		}
		if wrong.key != "" {
			c.add(name, wrong.message(c.ctx))
			return nil
		}
	}
	return nil
}

// checkStruct checks a struct, or a pointer to a struct, in a field.
func (c *checker) checkStruct(value reflect.Value, prefix string, embedded bool) error {
	for value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil
		}
		value = value.Elem()
	}
	return c.structure(value, prefix, embedded)
}
