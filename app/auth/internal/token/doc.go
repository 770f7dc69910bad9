// Package token makes secrets and stores what two kinds of them open: mailed links, which do one thing once, and access
// tokens, with which a program acts for a user. The tables hold hashes only.
//
//	row, err := links.Find(ctx, token.Reset, c.QueryParam("token"))
//	if errors.Is(err, token.ErrInvalid) {
//		// expired, used, replaced or made up
//	}
package token
