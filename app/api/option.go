package api

import (
	"fmt"
	"net/http"

	"github.com/covetgo/covet/app/identity"
)

// Option changes one endpoint.
type Option func(*settings)

// settings are what options say of an endpoint.
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
	requestName, responseName         string      // members that hold the bodies; empty without envelopes
}

// Status is the status of a response that says nothing else: 200 to 299. Defaults
// to 200, and to 204 for an output without a body.
func Status(status int) Option {
	if status < http.StatusOK || status > 299 {
		panic(fmt.Sprintf("api: %d is no status of success", status))
	}
	return func(s *settings) { s.status = status }
}

// Summary says in a few words what the endpoint does, for the document.
func Summary(text string) Option { return func(s *settings) { s.summary = text } }

// Description says it at length, as CommonMark.
func Description(text string) Option { return func(s *settings) { s.description = text } }

// OperationID names the endpoint for generated clients, in camel case. Defaults to
// the method and the path: getPostsById.
func OperationID(id string) Option { return func(s *settings) { s.operationID = id } }

// Tags groups the endpoint in the document. Defaults to the first segment of the path.
func Tags(tags ...string) Option { return func(s *settings) { s.tags = tags } }

// Deprecated marks the endpoint as one that clients should leave.
func Deprecated() Option { return func(s *settings) { s.deprecated = true } }

// Hidden leaves the endpoint out of the document.
func Hidden() Option { return func(s *settings) { s.hidden = true } }

// Permission lets only those pass who may do the action, "posts.create", on
// nothing in particular (see [identity.Can]): nobody known gets 401, and anybody
// else 403. Scopes of access tokens narrow it. Endpoints without it that ask who
// acts refuse tokens whose scopes are narrower than "*", unless [AnyScope] lets
// them pass.
func Permission(action string) Option {
	if err := identity.CheckPermission(action); err != nil {
		panic("api: " + err.Error())
	}
	return func(s *settings) { s.permission = action }
}

// AnyScope lets access tokens of every scope pass an endpoint that asks who acts
// and names no [Permission]: one that tells only who somebody is, or whose handler
// asks [identity.Can] about a record, which scopes narrow. Without it such an
// endpoint answers 403 to a token unless "*" is among its scopes, so that a token
// for reading posts does not change an address. Sessions are not affected.
func AnyScope() Option { return func(s *settings) { s.anyScope = true } }

// MaxBody bounds the body in bytes, lower or higher than http.max_body. Defaults to
// 1 MiB or http.max_body, whichever is less, and to http.max_body for files and raw
// bodies.
func MaxBody(bytes int64) Option {
	if bytes <= 0 {
		panic("api: a body limit is more than 0")
	}
	return func(s *settings) { s.maxBody = bytes }
}

// Errors adds statuses of problems to the document, besides those that follow
// from the input.
func Errors(statuses ...int) Option {
	return func(s *settings) { s.errors = append(s.errors, statuses...) }
}
