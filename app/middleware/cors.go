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

// CORS is which other origins may read responses with scripts, and send writes (Fetch Standard, §3.2).
type CORS struct {
	// Origins are the origins, "https://partner.example"; "*" is every origin. Required.
	Origins []string
	// Methods are the methods that scripts may use. Defaults to GET, HEAD, POST, PUT, PATCH and DELETE.
	Methods []string
	// Headers are request headers that scripts may set. Defaults to Authorization, Content-Type, If-Match and
	// If-None-Match.
	Headers []string
	// Expose are response headers that scripts may read, besides those that every script may. Defaults to ETag, Link,
	// Retry-After and X-Total-Count.
	Expose []string
	// Credentials lets the browser send cookies, so that scripts of these origins act as the user: name only origins that
	// you trust as your own. Without it cookies of these requests are ignored. Defaults to false.
	Credentials bool
	// MaxAge is how long browsers remember the answer to a preflight request. Defaults to ten minutes.
	MaxAge time.Duration
}

// Check returns an error for origins that are not written as "https://example.com", for none, and for credentials
// together with every origin.
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
			return fmt.Errorf("cors: %q is no origin: write it as https://example.com", origin)
		}
	}
	return nil
}

// withDefaults replaces what is empty by its default.
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

// ServeCORS answers preflight requests, and lets requests of the origins pass [CrossOrigin], where find returns a CORS
// for the path. What find returns is not changed afterwards.
//
// Threat: a site that is allowed to read public data makes its visitors' browsers write with their cookies. Without
// Credentials the cookies are removed before anything reads them.
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
				return next(c) // CrossOrigin refuses it if it is a write
			}
			c.Set(trustedKey, true)
			return next(c)
		}
	}
}

// trustedKey marks a request that CrossOrigin lets pass.
const trustedKey = "covet.trusted_origin"

// isOwn reports whether a request comes from a page of the application itself.
func isOwn(r *http.Request, origin string) bool {
	_, host, _ := strings.Cut(origin, "://")
	return host == r.Host || r.Header.Get("Sec-Fetch-Site") == "same-origin"
}
