// Package session begins, extends and ends sessions of browsers, and has the values of the two cookies of a browser:
// the secret of its session, and a mark that says which accounts have signed in there before.
//
//	secret, maxAge, err := store.Begin(ctx, session.Start{UserID: user.ID, Replaces: cookies.Session(r)})
//	c.SetCookie(cookies.NewSession(secret, maxAge))
package session
