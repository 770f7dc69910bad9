package field

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
)

// ownNames are the fields that every model has, and names that GORM uses.
var ownNames = map[string]string{
	"ID": "every model has an id", "CreatedAt": "every model has a created_at",
	"UpdatedAt":    "every model has an updated_at",
	"DeletedAt":    "GORM uses deleted_at for soft deletion; add it with a migration of your own",
	"TableName":    "GORM calls the method TableName",
	"BeforeCreate": hook, "AfterCreate": hook, "BeforeUpdate": hook, "AfterUpdate": hook,
	"BeforeSave": hook, "AfterSave": hook,
	"BeforeDelete": hook, "AfterDelete": hook, "AfterFind": hook,
}

const hook = "GORM calls methods of that name"

// checkNames returns an error for a field whose names belong to the model, or to a previous field.
func checkNames(f Field, before []Field, arg string) error {
	fail := func(problem, suggestion string) error {
		return &Error{Arg: arg, Column: 1, Problem: problem, Suggestion: suggestion}
	}
	for _, name := range []string{f.GoName, f.GoKey} {
		if reason, ok := ownNames[name]; ok {
			return fail(reason, "")
		}
	}
	if base, ok := strings.CutSuffix(f.Name, "_id"); ok && f.Type == BelongsTo {
		return fail("belongs_to adds _id automatically", strings.Replace(f.String(), f.Name, base, 1))
	}
	for _, other := range before {
		if other.Name == f.Name {
			return fail("there is already a field "+f.Name, "")
		}
		if same := collision(f, other); same != "" {
			return fail(fmt.Sprintf("it is %s, as %s is", same, other.Name), "")
		}
	}
	return nil
}

// collision returns the name that two fields share, in Go, in forms or in the database.
func collision(a, b Field) string {
	taken := names(b)
	for _, name := range names(a) {
		if slices.Contains(taken, name) {
			return name
		}
	}
	return ""
}

// names are those of a field. Columns are compared as the database does, and those of GORM's own choice count as well.
func names(f Field) []string {
	return []string{f.GoName, f.GoKey, f.Key, inflect.Column(f.GoName), inflect.Column(f.GoKey)}
}

// sqliteDigits is how many digits of a decimal SQLite keeps.
const sqliteDigits = 15

// Check returns an [*Error] for the first field that one of the dialects (sqlite, postgres, mysql) does not support.
func Check(fields []Field, dialects []string) error {
	for _, f := range fields {
		if f.Type != Decimal || f.Precision <= sqliteDigits || !slices.Contains(dialects, "sqlite") {
			continue
		}
		arg := f.String()
		return &Error{
			Arg: arg, Column: strings.IndexByte(arg, '(') + 2,
			Problem:    fmt.Sprintf("SQLite keeps %d digits of a decimal", sqliteDigits),
			Suggestion: fmt.Sprintf("decimal(%d,%d)", sqliteDigits, min(f.Scale, sqliteDigits)),
		}
	}
	return nil
}
