package middleware

import (
	"context"
	"crypto/rand"
	"encoding/base64"

	"github.com/labstack/echo/v4"
)

// HeaderRequestID carries the id of a request, in both directions.
const HeaderRequestID = "X-Request-Id"

type requestKey struct{}

type request struct{ id, nonce string }

// Request gives each request an id and a nonce for its Content-Security-Policy.
// The id of a trusted proxy is kept, so that its log and ours can be joined;
// anybody else's is replaced, so that nobody chooses what our log says.
func Request(proxies Proxies) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			var random [32]byte
			_, _ = rand.Read(random[:]) // never fails (crypto/rand, Go 1.24)
			info := &request{
				id:    base64.RawURLEncoding.EncodeToString(random[:16]),
				nonce: base64.RawURLEncoding.EncodeToString(random[16:]),
			}
			if given := r.Header.Get(HeaderRequestID); given != "" && proxies.Trust(r.RemoteAddr) && validID(given) {
				info.id = given
			}
			c.SetRequest(r.WithContext(context.WithValue(r.Context(), requestKey{}, info)))
			c.Response().Header().Set(HeaderRequestID, info.id)
			return next(c)
		}
	}
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*request); ok {
		return info.id
	}
	return ""
}

// Nonce returns the nonce that inline scripts and styles of this response must
// carry, or "" outside a request.
func Nonce(ctx context.Context) string {
	if info, ok := ctx.Value(requestKey{}).(*request); ok {
		return info.nonce
	}
	return ""
}

// validID accepts what common proxies send (UUID, ULID, hexadecimal, base64url).
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
