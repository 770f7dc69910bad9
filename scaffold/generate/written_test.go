package generate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/generate"
)

const writtenModels = `package models

import "time"

type base struct {
	ID        int64
	CreatedAt time.Time
}

// Invoice is a row of a table with a name of its own.
type Invoice struct {
	base
	Number     string ` + "`gorm:\"uniqueIndex\"`" + `
	Url        string
	FullName   string ` + "`gorm:\"column:holder\"`" + `
	State      string ` + "`enum:\"open,paid\"`" + `
	CustomerID int64
	Customer   *Customer
	DueAt      *time.Time
	Lines      []string ` + "`gorm:\"serializer:json\"`" + `
}

func (Invoice) TableName() string { return "billing_invoices" }

type Customer struct {
	ID    int64
	Title string
}

type Legacy struct{ ID string }
type Counter struct{ gorm.Model }
type Address struct{ Street string }
type Dynamic struct{ ID int64 }

func (Dynamic) TableName() string { return prefix() + "dynamics" }
func prefix() string { return "" }
`

// Relations refer to models of the skeleton and of users, whose factories are generated when there are none, and go with the
// last resource that needs them.
func TestRelationsToWrittenModels(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	put(t, dir, "models/written.go", writtenModels)
	before := everything(t, dir)

	run(t, dir, "resource topic title:string! message:belongs_to:message copies:many:message invoice:belongs_to:invoice?")
	run(t, dir, "resource note body:text customer:belongs_to:customer message:belongs_to:message")

	if text := read(t, dir, "models/factory/invoice.go"); strings.Contains(text, "base:") ||
		!strings.Contains(text, `Unique("number")`) || !strings.Contains(text, "Url:") || !strings.Contains(text, `State:`) ||
		!strings.Contains(text, "Customer(ctx, db)") {
		t.Errorf("the factory of a model of a user is:\n%s", text)
	}
	for _, file := range []string{"migrations/sqlite/20261124120000_create_topics.sql", "app/topics/input.go"} {
		if text := read(t, dir, file); !strings.Contains(text, "billing_invoices") {
			t.Errorf("%s does not name the table of TableName:\n%s", file, text)
		}
	}
	if change, err := plan(dir, "resource topic"); err != nil || !change.Empty() {
		t.Errorf("generating again: %v, %s", err, differences(change))
	}
	write(t, destroyed(t, dir, "resource", "topic"))
	if text := read(t, dir, "models/factory/message.go"); text == "" {
		t.Error("a factory is gone that another resource needs")
	}
	write(t, destroyed(t, dir, "resource", "note"))
	unchanged(t, dir, before)
}

// What cannot be referred to is refused with what to write.
func TestRelationsThatCannotBe(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	put(t, dir, "models/written.go", writtenModels)
	put(t, dir, "models/factory/customer.go", "package factory\n\nfunc Client() {}\n")
	put(t, dir, "models/factory/other.go", "package factory\n\nfunc Message(n int) string { return \"\" }\n")
	before := everything(t, dir)
	for line, want := range map[string]string{
		"resource topic legacy:belongs_to:legacy":                 "of type string",
		"resource topic counters:many:counter":                    "of type uint",
		"resource topic address:belongs_to:address":               "has no field ID",
		"resource topic dynamic:belongs_to:dynamic":               "TableName",
		"resource topic customer:belongs_to:customer":             "does not declare Customer",
		"resource topic message:belongs_to:message":               "cannot call the function Message",
		"migration add_legacy_to_users legacy:belongs_to:legacy?": "of type string",
	} {
		_, err := plan(dir, line)
		var refused *generate.UsageError
		if !errors.As(err, &refused) || !strings.Contains(refused.Problem, want) || refused.Hint == "" {
			t.Errorf("%s: %v, and not: %s", line, err, want)
		}
	}
	unchanged(t, dir, before)
}

// A name that the package declares already, in whichever file, is refused before the compiler would report it.
func TestDeclaredNames(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	run(t, dir, "resource post title:string!")
	put(t, dir, "models/zzz.go", "package models\n\ntype Report struct{}\n\nfunc (Post) Rating() int { return 0 }\n\nvar Ticket = 1\n")
	put(t, dir, "models/factory/zzz.go", "package factory\n\nfunc Visit() {}\n")
	put(t, dir, "models/zzz_test.go", "package models_test\n\nfunc TestTripIsStored() {}\n")
	put(t, dir, "app/seeds/zzz.go", "package seeds\n\nconst Walks = 1\n")
	put(t, dir, "app/flights/zzz.go", "package flights\n\ntype Store struct{}\n")
	before := everything(t, dir)
	for line, want := range map[string]string{
		"resource report title:string!":         "models/zzz.go already declares Report",
		"model ticket title:string!":            "models/zzz.go already declares Ticket",
		"resource post title:string rating:int": "models/zzz.go already declares Post.Rating",
		"resource visit title:string!":          "models/factory/zzz.go already declares Visit",
		"model trip title:string!":              "models/zzz_test.go already declares TestTripIsStored",
		"resource walk title:string!":           "app/seeds/zzz.go already declares Walks",
		"resource flight title:string!":         "app/flights/zzz.go already declares Store",
	} {
		_, err := plan(dir, line)
		var refused *generate.UsageError
		if !errors.As(err, &refused) || !strings.Contains(refused.Problem, want) || refused.Hint == "" {
			t.Errorf("%s: %v, and not: %s", line, err, want)
		}
	}
	unchanged(t, dir, before)
}
