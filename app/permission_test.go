package app_test

import (
	"context"
	"slices"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

type permitting struct{}

func (permitting) Name() string { return "permitting" }
func (permitting) Permissions(context.Context) []covet.Permission {
	return []covet.Permission{{Name: "reports.read", Description: "Read reports"}, {Name: "reports.read"}, {Name: "till.open"}}
}

func (permitting) AdminSections() []covet.Section {
	return []covet.Section{{Name: "till", Access: []string{"till.read", "till.open"}, Permissions: []covet.Permission{{Name: "till.close"}}}}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, func(cfg covet.Config) (*covet.App, error) {
		a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
		if err != nil {
			return nil, err
		}
		return a, a.Use(permitting{})
	})
	var names []string
	for _, permission := range a.Permissions(t.Context()) {
		names = append(names, permission.Name)
		if permission.Name == "reports.read" && permission.Description != "Read reports" {
			t.Errorf("reports.read has the description %q", permission.Description)
		}
	}
	if want := []string{"reports.read", "till.open", "till.close", "till.read"}; !slices.Equal(names, want) {
		t.Errorf("the permissions are %v, want %v", names, want)
	}
}
