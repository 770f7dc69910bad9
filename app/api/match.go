package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// Match is a request dependency for optimistic concurrency: it holds the preconditions of the request (RFC 9110 §13). A
// client that sends the ETag it has read in If-Match gets 412 if the record was changed since.
//
//	type UpdateInput struct {
//		api.Match
//		ID   int64 `path:"id"`
//		Body PostBody
//	}
//
//	if err := in.Check(api.Version(post.ID, post.UpdatedAt)); err != nil {
//		return nil, err
//	}
type Match struct {
	IfMatch     string `header:"If-Match" maxLength:"1000" doc:"the ETag of the version that this is about"`
	IfNoneMatch string `header:"If-None-Match" maxLength:"1000" doc:"* when nothing may be there yet"`
}

// MustMatch is a [Match] that requires If-Match, and responds 428 without it (RFC 6585 §3).
type MustMatch struct{ Match }

// Check returns a problem (412) unless the preconditions of a write match the current ETag, which is empty if nothing
// exists yet. If-Match uses strong comparison, so that a weak ETag never matches.
func (m Match) Check(current string) error {
	if current != "" {
		current = quote(current)
	}
	switch {
	case m.IfMatch != "" && !matchesETag(m.IfMatch, current, true):
	case m.IfNoneMatch != "" && matchesETag(m.IfNoneMatch, current, false):
	default:
		return nil
	}
	return problem.New(http.StatusPreconditionFailed, "precondition_failed", "").WithText(texts, "changed")
}

// matchesETag reports whether the list of a precondition contains the ETag.
func matchesETag(list, etag string, strong bool) bool {
	if strings.TrimSpace(list) == "*" {
		return etag != ""
	}
	if etag == "" || (strong && strings.HasPrefix(etag, "W/")) {
		return false
	}
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if !strong {
			item, etag = strings.TrimPrefix(item, "W/"), strings.TrimPrefix(etag, "W/")
		}
		if item == etag {
			return true
		}
	}
	return false
}

func resolveMustMatch(_ context.Context, v reflect.Value) error {
	if v.Field(0).Field(0).Len() > 0 {
		return nil
	}
	return problem.New(http.StatusPreconditionRequired, "precondition_required", "").WithText(texts, "match_required")
}

// Version returns an ETag, without quotes, computed from values that change when a record does, such as its key and its
// updated_at.
func Version(parts ...any) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%v\x00", part)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}

// computeETag returns an ETag of a representation.
func computeETag(contentType string, data []byte) string {
	h := sha256.New()
	_, _ = h.Write([]byte(contentType)) // never fails (hash.Hash)
	_, _ = h.Write(data)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:15])
}

// quote returns an ETag in the form of RFC 9110 §8.8.3. A quoted one is unchanged.
func quote(etag string) string {
	if strings.HasPrefix(etag, `"`) || strings.HasPrefix(etag, `W/"`) {
		return etag
	}
	return `"` + etag + `"`
}

// notModified reports whether the client of a GET already has the representation (RFC 9110 §13.1.2).
func (e *endpoint) notModified(c echo.Context, h http.Header) bool {
	if e.method != http.MethodGet {
		return false
	}
	list, etag := c.Request().Header.Get("If-None-Match"), h.Get("Etag")
	return list != "" && etag != "" && matchesETag(list, etag, false)
}
