package identify

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

type requestKey struct{}

// request finds out who sends a request, once, when something asks.
type request struct {
	resolver *Resolver
	session  string // the value of the cookie, or empty
	bearer   string // the token of the Authorization header
	program  bool   // whether there is such a header

	once   sync.Once
	holder *Holder
	err    error
}

// With returns ctx for a request with this session secret, which may be empty. If there is one, or an access token,
// both [From] and package identity find out in it who sends the request.
func (r *Resolver) With(ctx context.Context, header http.Header, session string) context.Context {
	q := &request{resolver: r, session: session}
	if token, declared := identity.Token(ctx); declared {
		q.bearer, q.program = token, token != ""
	} else {
		q.bearer, q.program = bearer(header)
	}
	if !q.program && q.session == "" {
		return ctx
	}
	return identity.WithResolver(context.WithValue(ctx, requestKey{}, q), q.resolve)
}

// bearer returns the token of an Authorization header (RFC 6750 §2.1). Other schemes are left to the application.
func bearer(header http.Header) (string, bool) {
	scheme, secret, _ := strings.Cut(header.Get(echo.HeaderAuthorization), " ")
	return strings.TrimSpace(secret), strings.EqualFold(scheme, "Bearer")
}

// find returns the holder, or nil.
//
// Threat: a program whose token has ended continues as a guest, or as the user of the browser around it.
func (q *request) find(ctx context.Context) (*Holder, error) {
	q.once.Do(func() {
		if !q.program {
			q.holder, q.err = q.resolver.BySession(ctx, q.session)
			return
		}
		q.holder, q.err = q.resolver.ByAccessToken(ctx, q.bearer)
		if q.holder == nil && q.err == nil {
			q.err = problem.Unauthorized(texts.T(ctx, "tokens.invalid")).
				WithHeader(echo.HeaderWWWAuthenticate, `Bearer error="invalid_token"`)
		}
	})
	return q.holder, q.err
}

func (q *request) resolve(ctx context.Context) (identity.Actor, bool, error) {
	h, err := q.find(ctx)
	if h == nil {
		return identity.Actor{}, false, err
	}
	return h.Actor(), true, err
}

// From returns who sends the request of ctx, or nil.
func From(ctx context.Context) (*Holder, error) {
	q, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	return q.find(ctx)
}
