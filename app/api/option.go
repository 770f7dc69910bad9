package api

import (
	"fmt"
	"net/http"

	"github.com/covetgo/covet/app/identity"
)

// Option configures an endpoint.
type Option func(*settings)

// settings are the options of an endpoint.
type settings struct {
	status                            int
	summary, description, operationID string
	tags                              []string
	deprecated, hidden                bool
	permission                        string
	anyScope                          bool
	maxBody                           int64
	errors                            []int
	shape                             *errorShape // nil for problem details
	scheme                            string      // of Authorization; empty for Bearer
	requestName, responseName         string      // members that contain the bodies; empty without envelopes
}

// Status is the default status of responses: 200 to 299. Defaults to 200, and to 204 for an output without a body.
func Status(status int) Option {
	if status < http.StatusOK || status > 299 {
		panic(fmt.Sprintf("api: %d is not a success status", status))
	}
	return func(s *settings) { s.status = status }
}

// Summary is a short description of the endpoint, for the document.
func Summary(text string) Option { return func(s *settings) { s.summary = text } }

// Description describes the endpoint in CommonMark.
func Description(text string) Option { return func(s *settings) { s.description = text } }

// OperationID is the name of the endpoint in generated clients, in camel case. Defaults to the method and the path:
// getPostsById.
func OperationID(id string) Option { return func(s *settings) { s.operationID = id } }

// Tags groups the endpoint in the document. Defaults to the first segment of the path.
func Tags(tags ...string) Option { return func(s *settings) { s.tags = tags } }

// Deprecated marks the endpoint as deprecated.
func Deprecated() Option { return func(s *settings) { s.deprecated = true } }

// Hidden omits the endpoint from the document.
func Hidden() Option { return func(s *settings) { s.hidden = true } }

// Permission requires the permission for an action, "posts.create", without a subject (see [identity.Can]):
// unauthenticated requests get 401, and other actors 403. Scopes of access tokens restrict it. Endpoints without
// Permission that use the actor reject tokens whose scopes are narrower than "*", unless [AnyScope] accepts them.
func Permission(action string) Option {
	if err := identity.CheckPermission(action); err != nil {
		panic("api: " + err.Error())
	}
	return func(s *settings) { s.permission = action }
}

// AnyScope accepts access tokens of every scope at an endpoint that uses the actor without a [Permission], because it
// returns only who the actor is, or because its handler calls [identity.Can] about a record, which scopes restrict.
// Without AnyScope, such an endpoint responds 403 to a token without the scope "*", so that a token for reading posts
// cannot change an address. Sessions are not affected.
func AnyScope() Option { return func(s *settings) { s.anyScope = true } }

// MaxBody limits the body in bytes, lower or higher than http.max_body. Defaults to 1 MiB or http.max_body, whichever
// is less, and to http.max_body for files and raw bodies.
func MaxBody(bytes int64) Option {
	if bytes <= 0 {
		panic("api: a body limit must be greater than 0")
	}
	return func(s *settings) { s.maxBody = bytes }
}

// Errors adds statuses of problems to the document, besides those that follow from the input.
func Errors(statuses ...int) Option {
	return func(s *settings) { s.errors = append(s.errors, statuses...) }
}
