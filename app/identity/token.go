package identity

import "context"

type tokenKey struct{}

// WithToken returns a context of a request whose access token was read already, because the endpoint declares another
// Authorization scheme than Bearer (see api.Scheme). An empty token means that the request carries none in that scheme.
func WithToken(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, tokenKey{}, token)
}

// Token returns the access token of [WithToken]. It reports false where the scheme is Bearer (RFC 6750), and the caller
// reads the Authorization header itself.
func Token(ctx context.Context) (token string, declared bool) {
	token, declared = ctx.Value(tokenKey{}).(string)
	return token, declared
}
