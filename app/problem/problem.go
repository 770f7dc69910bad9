// Package problem is Covet's error type for requests: an HTTP status, a stable code for programs, a message for people,
// and a cause that is never sent. It is written as problem details for HTTP APIs (RFC 9457) or as a page.
//
//	post, err := find(ctx, id)
//	if errors.Is(err, gorm.ErrRecordNotFound) {
//		return problem.NotFound("There is no post with this address.")
//	}
//	if err != nil {
//		return problem.Internal(err) // the client sees "Something went wrong"
//	}
//
// A handler may return any error: one that is not a problem becomes an internal one, so its text is never sent to the
// client.
package problem

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/text"
)

//go:embed texts/*.yaml
var files embed.FS

var texts = text.MustLoad("problem", files, "texts")

// Texts returns the texts of this package.
func Texts() *text.Set { return texts }

// ContentType is the media type of a problem written as JSON (RFC 9457 §3).
const ContentType = "application/problem+json"

// StatusClientClosed is the status in logs of a request whose client disconnected before the response. The number is
// nginx's.
const StatusClientClosed = 499

// Error is a problem. Create one with the functions of this package.
type Error struct {
	// Status is the HTTP status, 400 to 599.
	Status int
	// Code is the kind of problem for programs, in snake case: "not_found".
	Code string
	// Detail says what went wrong and what the user can do. It is public.
	Detail string
	// Fields are the invalid parts of the input.
	Fields []Field
	// Header contains response headers that belong to the problem, such as Retry-After.
	Header http.Header

	set     *text.Set // with the text that Detail is; nil for a detail of the caller
	key     string
	args    []any
	heading string // in the language of In
	cause   error
	stack   []uintptr
}

// Field is one invalid part of the input.
type Field struct {
	// Pointer is a JSON Pointer (RFC 6901) into the body, "/email", or the name
	// of a parameter or form field after a slash.
	Pointer string `json:"pointer"`
	// Detail says what is wrong with it. It never contains the value.
	Detail string `json:"detail"`
}

// New returns a problem. An empty detail becomes the usual sentence for the status, which [Error.In] translates.
func New(status int, code, detail string) *Error {
	e := &Error{Status: status, Code: code, Detail: detail}
	if detail == "" {
		return e.WithText(texts, "status."+strconv.Itoa(status))
	}
	return e
}

// WithText makes a text the detail, which [Error.In] translates into the language of the request. It returns e.
func (e *Error) WithText(set *text.Set, key string, args ...any) *Error {
	e.set, e.key, e.args = set, key, args
	e.Detail = set.English(key, args...)
	return e
}

// In returns the problem in the language of ctx. The heading, the usual sentences of this package and texts of
// [Error.WithText] are translated; a detail of the caller stays as it is. The kernel calls it for every problem that it writes.
func (e *Error) In(ctx context.Context) *Error {
	translated := *e
	translated.heading = texts.T(ctx, "title."+strconv.Itoa(e.Status))
	if e.set != nil && e.Detail == e.set.English(e.key, e.args...) {
		translated.Detail = e.set.T(ctx, e.key, e.args...)
	}
	return &translated
}

// Heading returns the heading of a page that shows the problem, in the language of [Error.In]: "Page not found". Without
// In, and for statuses that have none, it is the Title.
func (e *Error) Heading() string {
	if e.heading != "" {
		return e.heading
	}
	return e.Title()
}

// BadRequest returns a problem for malformed input (400).
func BadRequest(detail string) *Error { return New(http.StatusBadRequest, "bad_request", detail) }

// Unauthorized returns a problem for a request without authentication (401).
func Unauthorized(detail string) *Error {
	return New(http.StatusUnauthorized, "unauthorized", detail)
}

// Forbidden returns a problem for a request that its actor may not make (403).
func Forbidden(detail string) *Error { return New(http.StatusForbidden, "forbidden", detail) }

// NotFound returns a problem for something that does not exist, or that is hidden from the actor (404).
func NotFound(detail string) *Error { return New(http.StatusNotFound, "not_found", detail) }

// Conflict returns a problem for a write that conflicts with the current state (409).
func Conflict(detail string) *Error { return New(http.StatusConflict, "conflict", detail) }

// TooLarge returns a problem for a body above the limit (413).
func TooLarge(detail string) *Error {
	return New(http.StatusRequestEntityTooLarge, "too_large", detail)
}

// Invalid returns a problem for well-formed but invalid input (422).
func Invalid(fields ...Field) *Error {
	e := New(http.StatusUnprocessableEntity, "invalid", "")
	e.Fields = fields
	return e
}

// TooMany returns a problem for a client that sends too many requests (429), with Retry-After in whole seconds, rounded
// up. An empty detail means the default sentence.
func TooMany(detail string, wait time.Duration) *Error {
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return New(http.StatusTooManyRequests, "too_many_requests", detail).
		WithHeader("Retry-After", strconv.Itoa(seconds))
}

// retryAfter is the number of seconds that a client should wait for an unavailable dependency.
const retryAfter = "5"

// Unavailable returns a problem for a temporary failure: 503 with "Retry-After: 5". The cause is logged and never sent.
func Unavailable(cause error) *Error {
	return New(http.StatusServiceUnavailable, "unavailable", "").WithCause(cause).WithHeader("Retry-After", retryAfter)
}

// Internal returns a problem for an error of the application (500). The cause is logged and never sent; the caller's
// stack is stored for the development error page.
func Internal(cause error) *Error {
	e := New(http.StatusInternalServerError, "internal", "").WithCause(cause)
	e.stack = callers(3)
	return e
}

// WithCause sets the cause for the log, the development error page, and [errors.Is]. It returns e.
func (e *Error) WithCause(cause error) *Error {
	e.cause = cause
	return e
}

// WithHeader adds a response header. It returns e.
func (e *Error) WithHeader(name, value string) *Error {
	if e.Header == nil {
		e.Header = http.Header{}
	}
	e.Header.Set(name, value)
	return e
}

// Error returns the status, code, detail and cause, for logs. It is not for clients.
func (e *Error) Error() string {
	text := strconv.Itoa(e.Status) + " " + e.Code
	if e.cause != nil {
		return text + ": " + e.cause.Error()
	}
	return text + ": " + e.Detail
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Title returns the standard text of the status, "Not Found".
func (e *Error) Title() string {
	if e.Status == StatusClientClosed {
		return "Client Closed Request"
	}
	return http.StatusText(e.Status)
}

// Stack returns the frames in which the problem arose, innermost first. It is empty unless the problem is an internal
// one or a panic.
func (e *Error) Stack() []runtime.Frame {
	if len(e.stack) == 0 {
		return nil
	}
	var frames []runtime.Frame
	for it := runtime.CallersFrames(e.stack); ; {
		frame, more := it.Next()
		frames = append(frames, frame)
		if !more {
			return frames
		}
	}
}

// MarshalJSON writes the members of RFC 9457 plus code and errors. The type is "about:blank", so the title is the
// status' text.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type   string  `json:"type"`
		Title  string  `json:"title"`
		Status int     `json:"status"`
		Detail string  `json:"detail,omitempty"`
		Code   string  `json:"code"`
		Errors []Field `json:"errors,omitempty"`
	}{"about:blank", e.Title(), e.Status, e.Detail, e.Code, e.Fields})
}

// From returns err as a problem: the first one in its chain, the status of a well-known error of the standard library,
// and otherwise an internal problem. It returns nil for nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return TooLarge("").WithCause(err).WithText(texts, "too_large", "limit", text.Bytes(tooLarge.Limit))
	case errors.Is(err, context.Canceled):
		return New(StatusClientClosed, "canceled", "").WithCause(err).WithText(texts, "canceled")
	case errors.Is(err, context.DeadlineExceeded):
		return Unavailable(err)
	}
	return New(http.StatusInternalServerError, "internal", "").WithCause(err)
}

// Panic returns a recovered panic value as an internal problem with the stack of the panic. Call it directly in the
// deferred function that recovered.
func Panic(value any) *Error {
	cause, ok := value.(error)
	if !ok {
		cause = fmt.Errorf("%v", value)
	}
	e := New(http.StatusInternalServerError, "internal", "").WithCause(fmt.Errorf("panic: %w", cause))
	e.stack = callers(3)
	return e
}

// Status returns the problem for a bare HTTP status.
func Status(status int) *Error {
	code, ok := codes[status]
	if !ok {
		code = "status_" + strconv.Itoa(status)
	}
	return New(status, code, "")
}

var codes = map[int]string{
	http.StatusBadRequest:            "bad_request",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "not_found",
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusConflict:              "conflict",
	http.StatusGone:                  "gone",
	http.StatusRequestEntityTooLarge: "too_large",
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
	http.StatusUnprocessableEntity:   "invalid",
	http.StatusTooManyRequests:       "too_many_requests",
	http.StatusInternalServerError:   "internal",
	http.StatusServiceUnavailable:    "unavailable",
}

func callers(skip int) []uintptr {
	pcs := make([]uintptr, 64)
	return pcs[:runtime.Callers(skip, pcs)]
}
