package validate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Query asks whether a table has a row with a value.
type Query struct {
	// Table and Column are plain names: letters, digits and "_".
	Table, Column string
	// Value is compared as the database compares it.
	Value any
	// Except is the primary key (column id) of a row to ignore, or nil.
	Except any
	// Fold ignores the case of text.
	Fold bool
	// Live ignores soft-deleted rows, if the table has a column deleted_at.
	Live bool
}

// Lookup runs the queries of unique and exists. The kernel's uses its database, in the transaction of ctx.
type Lookup interface {
	Exists(ctx context.Context, q Query) (bool, error)
}

type lookupKey struct{}

// WithLookup returns a context in which the tags unique and exists query l. The contexts of requests, jobs and commands
// already have the application's, and covet.App.Context adds it to any other:
//
//	errs, err := validate.Struct(a.Context(ctx), &user)
func WithLookup(ctx context.Context, l Lookup) context.Context {
	if l == nil {
		return ctx
	}
	return context.WithValue(ctx, lookupKey{}, l)
}

// lookup is a compiled tag unique or exists.
type lookup struct {
	Query
	unique bool
	except string // Go name of the field with the record's own key; unique only
	given  bool   // whether the tag names it
	// together are the columns of a unique index that only the database checks, in its order.
	together []string
}

var reference = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z_][A-Za-z0-9_]*)$`)

// compileLookups reads the tags unique and exists:
//
//	unique:"users.email"                 except the row whose key is in the field ID beside it
//	unique:"users.email,except=UserID"   the same with another field, beside it or around it
//	unique:"users.email,fold"            without regard to case
//	unique:"users.email,live"            soft-deleted rows do not count
//	unique:"likes.post_id,together=user_id+post_id"
//	                                     the field of a unique index over several columns, in their order, whose errors
//	                                     [Duplicate] reports there; only the database checks it. One column is an index, too
//	exists:"categories.id"               soft-deleted rows do not count
//	exists:"categories.id,deleted"       they do
func (f *field) compileLookups(parent reflect.Type, sf reflect.StructField, inner reflect.Type) error {
	for _, tag := range []string{"unique", "exists"} {
		text, ok := sf.Tag.Lookup(tag)
		if !ok {
			continue
		}
		if inner.Kind() != reflect.String && !isNumeric(inner.Kind()) && !opaque(inner) {
			return fmt.Errorf("tag %s says nothing about a %s", tag, sf.Type)
		}
		if _, bounded := sf.Tag.Lookup("maxItems"); f.list && !bounded {
			return fmt.Errorf("tag %s:%q on a list needs maxItems: each item is a query", tag, text)
		}
		l, err := newLookup(tag == "unique", text)
		if err == nil {
			err = l.findExcept(parent)
		}
		if err != nil {
			return fmt.Errorf("tag %s:%q: %w", tag, text, err)
		}
		f.lookups = append(f.lookups, l)
	}
	return nil
}

func newLookup(unique bool, text string) (lookup, error) {
	name, rest, _ := strings.Cut(text, ",")
	match := reference.FindStringSubmatch(name)
	if match == nil {
		return lookup{}, errors.New("write it as table.column")
	}
	l := lookup{Query: Query{Table: match[1], Column: match[2], Live: !unique}, unique: unique, except: "ID"}
	for option := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(option, "=")
		switch {
		case option == "":
		case option == "fold":
			l.Fold = true
		case option == "live" && unique:
			l.Live = true
		case option == "deleted" && !unique:
			l.Live = false
		case key == "except" && value != "" && unique:
			l.except, l.given = value, true
		case key == "together" && value != "" && unique:
			l.together = strings.Split(value, "+")
		default:
			return l, fmt.Errorf("option %q is unknown", option)
		}
	}
	return l, nil
}

// findExcept ignores the default key field if the struct has none. A key that the tag names may be in the outer struct,
// which is not known here.
func (l *lookup) findExcept(parent reflect.Type) error {
	if !l.unique {
		l.except = ""
		return nil
	}
	if _, ok := parent.FieldByName(l.except); !ok && !l.given {
		l.except = ""
	}
	return nil
}

// checkLookup asks the Lookup of the context about a value. Nothing is neither taken
// nor missing; 0 is a value, as everywhere.
func (c *checker) checkLookup(l lookup, value, parent reflect.Value) (fault, error) {
	if value.IsZero() && !isNumber(value.Type()) {
		return right, nil
	}
	asks, ok := c.ctx.Value(lookupKey{}).(Lookup)
	if !ok {
		return right, errors.New("there is no database to ask; see validate.WithLookup")
	}
	q := l.Query
	q.Value = value.Interface()
	if l.except != "" {
		key, err := c.key(l, parent)
		if err != nil {
			return right, err
		}
		q.Except = key
	}
	found, err := asks.Exists(c.ctx, q)
	switch {
	case err != nil:
		return right, fmt.Errorf("looking up %s.%s: %w", q.Table, q.Column, err)
	case found && l.unique:
		return keyed("taken"), nil
	case !found && !l.unique:
		return keyed("exists"), nil
	}
	return right, nil
}

// key returns the primary key of the record itself, or nil of a new one. A body that programs send holds none, even
// when it has a field for it: its input does.
func (c *checker) key(l lookup, parent reflect.Value) (any, error) {
	known := false
	for _, holder := range []reflect.Value{parent, c.opts.Around} {
		if !holder.IsValid() {
			continue
		}
		if _, ok := holder.Type().FieldByName(l.except); !ok {
			continue
		}
		known = true
		key, err := holder.FieldByIndexErr(mustField(holder.Type(), l.except).Index)
		if err == nil && !key.IsZero() { // a nil embedded pointer has no key
			return key.Interface(), nil
		}
	}
	if known {
		return nil, nil //nolint:nilnil // it is new
	}
	return nil, fmt.Errorf("there is no field %s beside it or around it", l.except)
}

func mustField(t reflect.Type, name string) reflect.StructField {
	sf, _ := t.FieldByName(name)
	return sf
}

// Duplicate returns the error of the field whose unique tag a duplicate-key error of the database violates. It is
// needed because two concurrent requests may both find that a value is free. v is the validated struct, or a pointer to
// it; err is GORM's error. It returns no errors if err is about something else, or if the field is unknown.
//
//	if errors.Is(err, gorm.ErrDuplicatedKey) {
//		if errs := validate.Duplicate(ctx, form, err); len(errs) > 0 { … }
//	}
func Duplicate(ctx context.Context, v any, err error) Errors {
	errs := Errors{}
	t := indirect(reflect.TypeOf(v))
	if err == nil || t.Kind() != reflect.Struct || !duplicate.MatchString(err.Error()) {
		return errs
	}
	fields := uniques(t, "", map[reflect.Type]bool{})
	for _, u := range fields {
		if len(u.together) > 0 && namesColumns(err.Error(), u.together) {
			return Errors{u.name: texts.T(ctx, "taken")}
		}
	}
	for _, u := range fields {
		if (len(u.together) == 0 && namesColumn(err.Error(), u.Query)) || len(fields) == 1 {
			errs.Add(u.name, texts.T(ctx, "taken"))
		}
	}
	if len(errs) > 1 {
		return Errors{}
	}
	return errs
}

// duplicate matches duplicate-key errors of databases and of GORM, so that another error, such as a full disk, is not
// reported as a taken value if the caller does not check for gorm.ErrDuplicatedKey.
var duplicate = regexp.MustCompile(`UNIQUE constraint failed|duplicate key value violates|SQLSTATE 23505|` +
	`Error 1062\b|Duplicate entry '|duplicated key not allowed`)

type uniqueField struct {
	lookup
	name string
}

func uniques(t reflect.Type, prefix string, seen map[reflect.Type]bool) []uniqueField {
	p, err := planOf(t)
	if err != nil || seen[t] {
		return nil
	}
	seen[t] = true
	var found []uniqueField
	for _, f := range p.fields {
		switch inner := indirect(t.Field(f.index).Type); {
		case f.list:
		case f.embedded:
			found = append(found, uniques(inner, prefix, seen)...)
		case f.nested:
			found = append(found, uniques(inner, prefix+f.name+".", seen)...)
		}
		for _, l := range f.lookups {
			if l.unique && !f.list {
				found = append(found, uniqueField{l, prefix + f.name})
			}
		}
	}
	return found
}

var nameWord = regexp.MustCompile(`[A-Za-z0-9_]+`)

// namesColumn reports whether the text of a database's error contains the column, or an index whose name ends in it. It
// ignores the part of MySQL's text with the value.
func namesColumn(text string, q Query) bool {
	if i := strings.LastIndex(text, "for key "); i >= 0 {
		text = text[i:]
	}
	return slices.ContainsFunc(nameWord.FindAllString(text, -1), func(word string) bool {
		return word == q.Column || strings.HasSuffix(word, "_"+q.Column)
	})
}

// namesColumns reports whether the text of a database's error contains an index whose name ends in the names of several
// columns, or each of the columns.
func namesColumns(text string, columns []string) bool {
	if i := strings.LastIndex(text, "for key "); i >= 0 {
		text = text[i:]
	}
	words := nameWord.FindAllString(text, -1)
	index := "_" + strings.Join(columns, "_")
	if slices.ContainsFunc(words, func(word string) bool { return strings.HasSuffix(word, index) }) {
		return true
	}
	return !slices.ContainsFunc(columns, func(column string) bool { return !slices.Contains(words, column) })
}
