package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// CORS configures which other origins may read responses and send writes with scripts (Fetch Standard, §3.2).
type CORS struct {
	// Origins are the allowed origins, "https://partner.example"; "*" is every origin. Required.
	Origins []string
	// Methods are the methods that scripts may use. Defaults to GET, HEAD, POST, PUT, PATCH and DELETE.
	Methods []string
	// Headers are request headers that scripts may set. Defaults to Authorization, Content-Type, If-Match and
	// If-None-Match.
	Headers []string
	// Expose are response headers that scripts may read in addition to the safelisted ones. Defaults to ETag, Link,
	// Retry-After and X-Total-Count.
	Expose []string
	// Credentials allows cookies, so that scripts of these origins act as the user: list only origins that you trust
	// like your own. Without it, cookies of these requests are ignored. Defaults to false.
	Credentials bool
	// MaxAge is how long browsers cache the response to a preflight request. Defaults to ten minutes.
	MaxAge time.Duration
}

// Check returns an error for invalid origins, for none, and for credentials together with every origin.
func (o CORS) Check() error {
	if len(o.Origins) == 0 {
		return errors.New("cors: Origins is empty")
	}
	for _, origin := range o.Origins {
		if origin == "*" {
			if o.Credentials {
				return errors.New(`cors: Credentials cannot be combined with the origin "*"`)
			}
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("cors: %q is not an origin such as https://example.com", origin)
		}
	}
	return nil
}

// withDefaults sets empty fields to their defaults.
func (o CORS) withDefaults() CORS {
	orList := func(list *[]string, fallback ...string) {
		if len(*list) == 0 {
			*list = fallback
		}
	}
	orList(&o.Methods, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
	orList(&o.Headers, "Authorization", "Content-Type", "If-Match", "If-None-Match")
	orList(&o.Expose, "ETag", "Link", "Retry-After", "X-Total-Count")
	if o.MaxAge == 0 {
		o.MaxAge = 10 * time.Minute
	}
	return o
}

// ServeCORS responds to preflight requests, and exempts requests of the origins from [CrossOrigin], if find returns a
// CORS for the path. The result of find must not be changed afterwards.
//
// Threat: a site that may read public data makes its visitors' browsers write with their cookies. Without Credentials,
// the cookies are removed before anything reads them.
func ServeCORS(find func(path string) *CORS) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			found := find(r.URL.Path)
			if found == nil {
				return next(c)
			}
			h := c.Response().Header()
			h.Add(echo.HeaderVary, echo.HeaderOrigin)
			origin := r.Header.Get(echo.HeaderOrigin)
			if origin == "" || isOwn(r, origin) || !slices.ContainsFunc(found.Origins, func(allowed string) bool {
				return allowed == "*" || allowed == origin
			}) {
				return next(c)
			}
			cors := found.withDefaults()
			h.Set(echo.HeaderAccessControlAllowOrigin, origin)
			if cors.Credentials {
				h.Set(echo.HeaderAccessControlAllowCredentials, "true")
			} else {
				r.Header.Del(echo.HeaderCookie)
			}
			if r.Method == http.MethodOptions && r.Header.Get(echo.HeaderAccessControlRequestMethod) != "" {
				h.Set(echo.HeaderAccessControlAllowMethods, strings.Join(cors.Methods, ", "))
				h.Set(echo.HeaderAccessControlAllowHeaders, strings.Join(cors.Headers, ", "))
				h.Set(echo.HeaderAccessControlMaxAge, strconv.Itoa(int(cors.MaxAge.Seconds())))
				return c.NoContent(http.StatusNoContent)
			}
			h.Set(echo.HeaderAccessControlExposeHeaders, strings.Join(cors.Expose, ", "))
			if !slices.Contains(cors.Methods, r.Method) {
				return next(c) // CrossOrigin refuses writes
			}
			c.Set(trustedKey, true)
			return next(c)
		}
	}
}

// trustedKey marks a request that CrossOrigin accepts.
const trustedKey = "covet.trusted_origin"

// isOwn reports whether a request was sent by a page of the application itself.
func isOwn(r *http.Request, origin string) bool {
	_, host, _ := strings.Cut(origin, "://")
	return host == r.Host || r.Header.Get("Sec-Fetch-Site") == "same-origin"
}
