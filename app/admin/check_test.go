package admin_test

import (
	"context"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

func use(t *testing.T, register func(*admin.Module), others ...covet.Module) error {
	t.Helper()
	a, err := covet.New(covet.Config{Database: database.Config{URL: "sqlite::memory:"}}, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.Background()) })
	m := admin.New(admin.Config{}, admin.Options{})
	register(m)
	return a.Use(append(others, m)...)
}

// Every fault of every option is named at once, with what was perhaps meant.
func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	type pair struct {
		A, B int64 `gorm:"primaryKey"`
	}
	err := use(t, func(m *admin.Module) {
		admin.Register(m, admin.Resource[Author]{
			List: []string{"Nane", "PasswordHash", "Name", "Name"}, Search: []string{"CreatedAt"}, Filters: []string{"Name", "Posts"},
			ReadOnly: []string{"Emial"}, Hidden: []string{"email"}, Order: "-Sort", Title: "Title", PerPage: 1000,
			Labels: map[string]string{"X": "Y"}, Guards: map[string]string{"APIKey": "x.y"}, Forbid: []string{"destroy"},
			Fieldsets: []admin.Fieldset{{Fields: []string{"Name"}}, {Fields: []string{"Name", "Password"}}},
			Actions:   []admin.Action[Author]{{Name: "delete"}, {Name: "Bad Name"}, {Name: "idle"}},
			Name:      "Authors!",
		})
		admin.Register(m, admin.Resource[Tag]{Name: "tags"})
		admin.Register(m, admin.Resource[Comment]{Name: "tags"})
		admin.Register(m, admin.Resource[pair]{})
	})
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		`Author: List: "Nane" is no field of Author; did you mean "Name"?`,
		`Author: List: "PasswordHash" is a secret`, `Author: List: "Name" is named twice`,
		`Author: Search: "CreatedAt" holds no text`, `Author: Filters: "Name" is of a type without a filter`,
		`Author: Filters: "Posts" is no field of Author`, `Author: ReadOnly: "Emial" is no field of Author; did you mean "Email"?`,
		`Author: Hidden: "email" is no field of Author; did you mean "Email"?`, `Author: Order: "Sort" is no field`,
		`Author: Title: "Title" is no field`, `Author: PerPage: 1000 is not between`, `Author: Labels: "X" is no field`,
		`Author: Guards: "APIKey" is a secret`, `Author: Forbid: "destroy" is no verb`, `Author: Fieldsets: "Name" is in two of them`,
		`Author: Fieldsets: "Password" is no field`, `Author: Actions: "delete" is one of the admin's own`,
		`Author: Actions: "Bad Name" is no name`, `Author: Actions: "idle" has no Run`, `Author: Name: "Authors!" cannot be part of an address`,
		`Comment: Name: "tags" is the name of Tag already`, `pair: model: it has 2 primary keys`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestModelsWithoutOptionsAreFine(t *testing.T) {
	t.Parallel()
	if err := use(t, (&app{}).magazine); err != nil {
		t.Error(err)
	}
}
