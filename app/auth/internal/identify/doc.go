// Package identify finds out who sends a request: the account that a session or an access token belongs to, in the
// application's own model, with all of its permissions, in one query, once per request, and only when something asks.
//
//	holder, err := identify.From(ctx) // nil: nobody
//
// What was found is cached for a moment. Every write of this process to the tables involved empties the cache.
package identify
