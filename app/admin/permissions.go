package admin

import (
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/internal/format"
)

// permissions returns what a role can be granted, by what it is about: everything, the actions of every resource, and
// those of every section.
func (m *Module) permissions() []meta.Suggestion {
	const general = "General"
	list := []meta.Suggestion{
		{Value: "*", Description: "Everything", Group: general},
		{Value: "admin.access", Description: "Open the admin", Group: general},
	}
	seen := map[string]bool{}
	for _, r := range m.registry.Resources() {
		add := func(verb, description string) {
			if value := r.Permission + "." + verb; !seen[value] {
				seen[value] = true
				list = append(list, meta.Suggestion{Value: value, Description: description, Group: r.Plural})
			}
		}
		add("*", "Everything about "+format.Lower(r.Plural))
		for _, verb := range []string{meta.Read, meta.Create, meta.Update, meta.Delete, meta.Export} {
			if r.Allows(verb) {
				add(verb, format.Label(verb))
			}
		}
		for _, action := range r.Actions {
			add(action.Name, action.Label)
		}
		if r.Permission+".assign" == assignRoles {
			add("assign", "Give and take roles, and change what they allow")
		}
	}
	for _, section := range m.site.Sections() {
		for _, permission := range section.Permissions {
			if seen[permission.Name] {
				continue
			}
			seen[permission.Name] = true
			description := permission.Description
			if description == "" {
				description = format.Label(permission.Name)
			}
			list = append(list, meta.Suggestion{Value: permission.Name, Description: description, Group: section.Title})
		}
	}
	return list
}
