package app

import "context"

// PermissionProvider is a module that asks for permissions outside of a section of the admin, such as the API for api.docs.
type PermissionProvider interface {
	// Permissions returns them, with descriptions in the language of ctx. It is called whenever a form lists permissions,
	// concurrently, after Start.
	Permissions(ctx context.Context) []Permission
}

// Permissions returns the permissions that modules ask for and sections of the admin need, each once. Roles can be granted
// them, and access tokens limited to them. Descriptions are in the language of ctx.
func (a *App) Permissions(ctx context.Context) []Permission {
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
			add(provider.Permissions(ctx)...)
		}
	}
	for _, section := range a.sections {
		for _, permission := range section.Permissions {
			if section.Texts != nil && permission.Description != "" {
				permission.Description = section.Texts.T(ctx, permission.Description)
			}
			add(permission)
		}
		for _, name := range section.Access {
			add(Permission{Name: name})
		}
	}
	return list
}
