// Package admin is the battery with which people look after an application's data: lists with search and filters,
// forms, actions, exports and a history, for every model that is registered.
//
//	panel := admin.New(cfg.Admin, admin.Options{})
//	admin.Register(panel, admin.Resource[models.Post]{})
//	admin.Register(panel, admin.Resource[models.Message]{
//		List:     []string{"Name", "Email", "CreatedAt"},
//		Search:   []string{"Name", "Email", "Body"},
//		Filters:  []string{"NotifiedAt", "CreatedAt"},
//		ReadOnly: []string{"CreatedAt"},
//	})
//	err := a.Use(panel)
//
// What an option leaves out follows from the model: its GORM schema tells the types and the relations, the tags of
// package validate tell the controls and what is valid. Options are checked when the module is used.
//
// # Who may do what
//
// Every request needs the action admin.access. What can be done to a resource, and to each of its records, is asked of
// the [Authorizer]: posts.read, posts.create, posts.update, posts.delete, posts.export, and posts.publish for an
// action named publish. The default is identity.Can.
//
// # Secrets
//
// A field tagged secret:"true" or json:"-" is not read, shown, searched, filtered, ordered by, exported or written to
// the log by this package.
package admin
