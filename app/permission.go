package app

// PermissionProvider is a module that asks for permissions outside of a section of the admin, such as the API for api.docs.
type PermissionProvider interface {
	// Permissions returns them. It is called whenever a form lists permissions, concurrently, after Start.
	Permissions() []Permission
}

// Permissions returns the permissions that modules ask for and sections of the admin need, each once. Roles can be granted
// them, and access tokens limited to them.
func (a *App) Permissions() []Permission {
	var list []Permission
	seen := map[string]bool{}
	add := func(permissions ...Permission) {
		for _, permission := range permissions {
			if !seen[permission.Name] {
				seen[permission.Name] = true
				list = append(list, permission)
			}
		}
	}
	for _, m := range a.modules {
		if provider, ok := m.(PermissionProvider); ok {
			add(provider.Permissions()...)
		}
	}
	for _, section := range a.sections {
		add(section.Permissions...)
		for _, name := range section.Access {
			add(Permission{Name: name})
		}
	}
	return list
}
