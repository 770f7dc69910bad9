package scaffold

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Dialect is a database that an application can be made for.
type Dialect string

// The databases, as --db names them.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql"
)

// Dialects returns every database.
func Dialects() []Dialect { return []Dialect{SQLite, Postgres, MySQL} }

// A Battery is a part of an application that can be left out.
type Battery string

// The batteries, as --without names them. Without auth there is no admin.
const (
	Auth  Battery = "auth"
	Admin Battery = "admin"
	API   Battery = "api"
)

// Batteries returns every battery.
func Batteries() []Battery { return []Battery{Auth, Admin, API} }

// libraryPath is the module that applications require.
const libraryPath = "github.com/covetgo/covet"

// Options says what to make. The zero value of every field but Name is a choice.
type Options struct {
	// Name is the name of the application: lower-case letters, digits and dashes, a letter first.
	Name string
	// Module is the path of its Go module. Defaults to the name.
	Module string
	// Databases are the databases that it works with; the first is that of development. Defaults to SQLite and
	// PostgreSQL.
	Databases []Dialect
	// Without are the batteries to leave out. Leaving out auth leaves out admin too. Defaults to none.
	Without []Battery
	// Version is the version of Covet that it requires, such as "v0.1.0". Defaults to v0.0.0, which exists in a
	// checkout only.
	Version string
	// Replace is the absolute path of a checkout of Covet that is used instead of a released version. Defaults to none.
	Replace string
}

// ErrOption is what errors.Is finds in the errors of [Plan] about databases and batteries.
var ErrOption = errors.New("invalid option")

// optionError is an error with a text of its own that is an ErrOption.
type optionError struct{ text string }

func (e *optionError) Error() string { return e.text }

func (e *optionError) Is(target error) bool { return target == ErrOption }

// withDefaults validates the options and fills in what was left open.
func (o Options) withDefaults() (Options, error) {
	if err := CheckName(o.Name); err != nil {
		return o, err
	}
	if o.Module == "" {
		o.Module = o.Name
	}
	if err := CheckModule(o.Module); err != nil {
		return o, err
	}
	if len(o.Databases) == 0 {
		o.Databases = []Dialect{SQLite, Postgres}
	}
	if o.Version == "" {
		o.Version = "v0.0.0"
	}
	if o.Replace != "" && !filepath.IsAbs(o.Replace) {
		return o, fmt.Errorf("the path of the checkout must be absolute, not %q", o.Replace)
	}
	if err := checkNames("database", o.Databases, Dialects()); err != nil {
		return o, err
	}
	if err := checkNames("battery", o.Without, Batteries()); err != nil {
		return o, err
	}
	return o, nil
}

// checkNames refuses unknown and repeated names.
func checkNames[T ~string](noun string, names, known []T) error {
	for i, name := range names {
		if !slices.Contains(known, name) {
			return &optionError{fmt.Sprintf("%q is not a %s; choose from %s", name, noun, List(known))}
		}
		if slices.Contains(names[:i], name) {
			return &optionError{fmt.Sprintf("the %s %s is listed twice", noun, name)}
		}
	}
	return nil
}

// List writes names for a sentence: "sqlite, postgres".
func List[T ~string](names []T) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ", ")
}

// Keep returns the batteries that remain when some are left out, admin going along with auth.
func Keep(without []Battery) []Battery {
	var kept []Battery
	for _, battery := range Batteries() {
		removed := slices.Contains(without, battery) || (battery == Admin && slices.Contains(without, Auth))
		if !removed {
			kept = append(kept, battery)
		}
	}
	return kept
}

// features is what markers ask about.
type features map[string]bool

func (o Options) features() features {
	f := features{}
	for _, dialect := range Dialects() {
		f[string(dialect)] = slices.Contains(o.Databases, dialect)
	}
	kept := Keep(o.Without)
	for _, battery := range Batteries() {
		f[string(battery)] = slices.Contains(kept, battery)
	}
	return f
}

// databaseURL is the development database of an application.
func databaseURL(dialect Dialect, name string) string {
	switch dialect {
	case Postgres:
		return "postgres://postgres@localhost:5432/" + name + "?sslmode=disable"
	case MySQL:
		return "mysql://root@localhost:3306/" + name
	default:
		return "sqlite:storage/" + name + ".db"
	}
}
