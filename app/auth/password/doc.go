// Package password hashes, verifies, judges and generates the passwords of accounts.
//
//	if message := password.Check(ctx, form.Password, form.Email, form.Name); message != "" {
//		return fault("password", message)
//	}
//	hash, err := password.Hash(ctx, form.Password) // store it
//
// At log-in:
//
//	user, found, err := find(ctx, form.Email)
//	if !found {
//		return refused, password.VerifyDummy(ctx, form.Password) // as slow as for an account that exists
//	}
//	ok, rehash, err := password.Verify(ctx, user.PasswordHash, form.Password)
//	if ok && rehash {
//		user.PasswordHash, err = password.Hash(ctx, form.Password)
//	}
//
// Hashes are argon2id (RFC 9106) with 19 MiB of memory, two passes and one lane, which is what the OWASP Password
// Storage Cheat Sheet recommends, in the PHC string format. Hashes by bcrypt, as many other frameworks store them, are
// accepted, and [Verify] asks for a new hash of the password when it has seen one.
//
// # Unicode
//
// The same password can be typed as different code points: "é" is one on most keyboards and two on others. As NIST SP
// 800-63B §3.1.1.2 suggests, passwords are brought to the normal form NFKC before argon2id hashes them, and when
// [Check] measures them. Hashes by bcrypt come from elsewhere and are of what was typed, so that is what they are
// compared with.
//
// # Memory
//
// Hashing is meant to be expensive, so that any client that may ask for it can exhaust a server. The process computes only a
// few hashes at once, as many as it has CPUs and at most eight; further callers wait, in the order of their arrival,
// until their contexts end. Throttle callers as well.
package password
