// Package auth is the accounts of an application: sign-up with a confirmed address, log-in, sessions, forgotten passwords,
// the pages on which people look after their account, access tokens for programs, roles, and commands for whoever runs it.
//
//	err = a.Use(auth.New[models.User](cfg.Auth, auth.Options[models.User]{
//		Layout:   views.Layout,
//		Policies: policies(),
//	}))
//
//	e.GET("/posts/new", h.New, auth.Required())
//
//	user, ok, err := auth.Current[models.User](ctx) // the application's own row
//
// Who acts is looked up when somebody asks: identity.From, identity.Can, a guard of this package. What they may do is what
// their roles allow (tables covet_roles and covet_role_permissions), and what the application's policies do.
//
// # What is where
//
//	/signup, /signup/confirm                   new accounts
//	/login, POST /logout, /login/confirm       sessions
//	/password/forgot, /password/reset          forgotten passwords
//	/account, /account/password, /account/email, /account/sessions, /account/tokens, /account/delete
//
// docs/auth.md tells what is defended, and how.
package auth
