// Package auth has the accounts of an application: sign-up with a confirmed address, log-in, sessions, forgotten
// passwords, the pages on which users manage their account, access tokens for programs, roles, commands for operators,
// and the same as functions in Go.
//
//	accounts := auth.New[models.User](cfg.Auth, auth.Options[models.User]{
//		Layout:   views.Layout,
//		Policies: policies(),
//	})
//	err = a.Use(accounts)
//
//	e.GET("/posts/new", h.New, auth.Required())
//
//	user, ok, err := auth.Current[models.User](ctx) // the application's own row
//
// Who acts is looked up when something asks: identity.From, identity.Can, a guard of this package. What they may do is
// what their roles allow (tables covet_roles and covet_role_permissions), and what the application's policies do.
//
// # Functions for accounts
//
// An API for a mobile app signs users up and logs them in by JSON (see the example "api"):
//
//	account, err := accounts.Authenticate(ctx, auth.Credentials{Email: email, Password: password})
//	if err != nil {
//		return err // 401, 403 or 429
//	}
//	token, err := accounts.IssueToken(ctx, account, auth.NewToken{Name: "app", Scopes: []string{"*"}, LogIn: true})
//
//	SignUp, CreateAccount, FindAccount, Authenticate            accounts
//	SignIn, SignOut, Sessions, RevokeSession, RevokeSessions    sessions of browsers
//	IssueToken, Tokens, RevokeToken, RevokeCurrent              access tokens of programs
//	SetPassword, SetEmail, Disable, Enable, DeleteAccount       changes of state
//	GrantRole, RevokeRole                                       roles
//	SendPasswordLink, SendConfirmation                          mailed links
//
// The pages and the commands are made of them. Their errors are problems with a status and a text for the client,
// whose causes are the errors of this package, such as [ErrCredentials].
//
// # More than a password
//
// Options.Steps are steps of the log-in after the password, such as a second factor, and Options.Authenticators are
// other ways to begin it, such as providers; both are interfaces of package login.
//
// # Pages
//
//	/signup, /signup/confirm                   new accounts
//	/login, POST /logout, /login/confirm       sessions
//	/password/forgot, /password/reset          forgotten passwords
//	/account, /account/password, /account/email, /account/sessions, /account/tokens, /account/delete
//
// docs/auth.md lists the threats, and how each is countered.
package auth
