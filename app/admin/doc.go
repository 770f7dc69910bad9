// Package admin is the battery with which administrators manage an application's data: lists with search and filters,
// forms, actions, exports and a history for every registered model, and the sections of other modules.
//
//	m := admin.New(cfg.Admin, admin.Options{})
//	admin.Register(m, admin.Resource[models.Post]{})
//	admin.Register(m, admin.Resource[models.Message]{
//		List:     []string{"Name", "Email", "CreatedAt"},
//		Search:   []string{"Name", "Email", "Body"},
//		Filters:  []string{"NotifiedAt", "CreatedAt"},
//		ReadOnly: []string{"CreatedAt"},
//	})
//	err := a.Use(m)
//
// What an option leaves out follows from the model: its GORM schema gives the types and the relations, the tags of
// package validate give the controls and the rules. Use checks all options and reports every fault at once.
//
// # Sections
//
// A module that is not a list of records of one model declares a covet.Section with pages, navigation, permissions and
// dashboard widgets. The admin collects the sections of all modules, used before or after it; no module imports this
// package. Background jobs and recent activity are such sections.
//
// # Permissions
//
// Every request needs the action admin.access. For a resource, and again for each of its records, the [Authorizer]
// decides about posts.read, posts.create, posts.update, posts.delete, posts.export, and posts.publish for an action
// named publish. The default is identity.Can.
//
// # Secrets
//
// A field tagged secret:"true" or json:"-" is not read, shown, searched, filtered, ordered by, exported or logged by
// this package.
package admin
