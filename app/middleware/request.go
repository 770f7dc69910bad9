package middleware

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"
)

// HeaderRequestID contains the id of a request, in requests and responses.
const HeaderRequestID = "X-Request-Id"

type (
	requestKey   struct{}
	requestIDKey struct{} // of work on behalf of a request, after it
)

// request is the data of a request. The nonce is created on first use: most responses other than pages do not need one.
type request struct {
	id        string
	proxies   Proxies
	http      *http.Request
	nonceOnce sync.Once
	nonce     string
}

// Request gives each request an id and a nonce for its Content-Security-Policy. The id of a trusted proxy is used, so
// that its log can be joined with the application's; other ids are replaced, so that clients cannot write to the log.
// The functions of values add values to the context of each request.
func Request(proxies Proxies, values ...func(context.Context) context.Context) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			info := &request{proxies: proxies, http: r}
			if given := r.Header.Get(HeaderRequestID); given != "" && proxies.Trust(r.RemoteAddr) && validID(given) {
				info.id = given
			} else {
				info.id = randomID()
			}
			ctx := context.WithValue(r.Context(), requestKey{}, info)
			for _, add := range values {
				ctx = add(ctx)
			}
			c.SetRequest(r.WithContext(ctx))
			c.Response().Header().Set(HeaderRequestID, info.id)
			r.Header.Set(HeaderRequestID, info.id) // for other middleware that reads it, such as echo's RequestID
			defer removeUploads(c)
			return next(c)
		}
	}
}

// removeUploads deletes the temporary files of a multipart body. net/http does so only for its own request, of which
// handlers see a copy.
func removeUploads(c echo.Context) {
	if form := c.Request().MultipartForm; form != nil {
		_ = form.RemoveAll() // what is left is in the system's temporary folder
	}
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*request); ok {
		return info.id
	}
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// WithRequestID returns a context with the id of a request, for example for a background job that the request enqueued.
// It contains no other data of the request. An invalid id is ignored.
func WithRequestID(ctx context.Context, id string) context.Context {
	if !validID(id) {
		return ctx
	}
	return context.WithValue(ctx, requestIDKey{}, id)
}

// ClientIP returns the address of the client of the request that ctx belongs to, like echo's RealIP, or "" outside of a
// request.
func ClientIP(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*request); ok {
		return info.proxies.clientIP(info.http)
	}
	return ""
}

// ClientGone reports whether the client of the request that ctx belongs to has closed the connection. A context may
// also be done because middleware, such as echo's ContextTimeout, has cancelled it.
func ClientGone(ctx context.Context) bool {
	info, ok := ctx.Value(requestKey{}).(*request)
	return ok && info.http.Context().Err() != nil
}

// UserAgent returns the User-Agent of the request that ctx belongs to, or "". The client chooses it.
func UserAgent(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*request); ok {
		return info.http.UserAgent()
	}
	return ""
}

// Nonce returns the nonce for inline scripts and styles of this response, or "" outside of a request.
func Nonce(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*request); ok {
		return info.nonceValue()
	}
	return ""
}

func (r *request) nonceValue() string {
	r.nonceOnce.Do(func() { r.nonce = randomID() })
	return r.nonce
}

// randomID returns 128 random bits in base64url.
func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// validID accepts the ids of common proxies (UUID, ULID, hexadecimal, base64url).
func validID(id string) bool {
	if len(id) > 128 {
		return false
	}
	for _, r := range id {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}
