package admin

import (
	"cmp"
	"context"
	"strings"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
)

var _ covet.PermissionProvider = (*Module)(nil)

// Permissions implements [covet.PermissionProvider]: it returns access to the admin and the actions of every resource.
func (m *Module) Permissions(ctx context.Context) []covet.Permission {
	var list []covet.Permission
	for _, suggestion := range m.ownPermissions(ctx) {
		if suggestion.Value != "*" {
			list = append(list, covet.Permission{Name: suggestion.Value, Description: suggestion.Description})
		}
	}
	return list
}

// permissions returns what a role can be granted, by what it is about: everything, the actions of every resource, those
// of every section, and those of other modules.
func (m *Module) permissions(ctx context.Context) []meta.Suggestion {
	list := m.ownPermissions(ctx)
	seen := map[string]bool{}
	for _, suggestion := range list {
		seen[suggestion.Value] = true
	}
	add := func(permission covet.Permission, group string) {
		if !seen[permission.Name] {
			seen[permission.Name] = true
			description := cmp.Or(permission.Description, format.Label(permission.Name))
			list = append(list, meta.Suggestion{Value: permission.Name, Description: description, Group: group})
		}
	}
	for _, section := range m.site.Sections(ctx) {
		for _, permission := range section.Permissions {
			add(permission, section.Title)
		}
	}
	for _, permission := range m.all(ctx) {
		subject, _, _ := strings.Cut(permission.Name, ".")
		add(permission, format.Label(subject))
	}
	return list
}

// ownPermissions are everything, access to the admin, and the actions of every resource.
func (m *Module) ownPermissions(ctx context.Context) []meta.Suggestion {
	general := words.T(ctx, "permission.general")
	list := []meta.Suggestion{
		{Value: "*", Description: words.T(ctx, "permission.everything"), Group: general},
		{Value: "admin.access", Description: words.T(ctx, "permission.access"), Group: general},
	}
	seen := map[string]bool{}
	for _, r := range m.registry.Resources() {
		add := func(verb, description string) {
			if value := r.Permission + "." + verb; !seen[value] {
				seen[value] = true
				list = append(list, meta.Suggestion{Value: value, Description: description, Group: r.PluralIn(ctx)})
			}
		}
		add("*", words.T(ctx, "permission.all", "records", r.RecordsIn(ctx, 0)))
		for _, verb := range []string{meta.Read, meta.Create, meta.Update, meta.Delete, meta.Export} {
			if r.Allows(verb) {
				add(verb, words.T(ctx, "permission."+verb))
			}
		}
		for _, action := range r.Actions {
			add(action.Name, action.LabelIn(ctx, r))
		}
		if r.Permission+".assign" == assignRoles {
			add("assign", words.T(ctx, "permission.assign"))
		}
	}
	return list
}
