package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/covetgo/covet/app/problem"
)

// errorShape is the format of an API's errors, if it is not problem details.
type errorShape struct {
	t     reflect.Type
	write func(p *problem.Error) ([]byte, error)
}

// ErrorShape writes errors as values of type E, in application/json, instead of problem details (RFC 9457). It applies
// to every error of the endpoints: of reading the request, a handler, middleware or a panic. In a [Group] with a path,
// and in [Options], it also applies to unknown addresses and methods of the path. E describes the errors in the
// document and in generated clients; its nil lists are sent as [].
//
//	type Failure struct {
//		Message string `json:"message"`
//	}
//
//	api.ErrorShape(func(p *problem.Error) Failure { return Failure{p.Detail} })
//
// The status and headers such as Retry-After remain those of the problem. The cause is never included. ErrorShape
// panics if E cannot be JSON, if E is an interface, or if shape panics for a plain problem.
func ErrorShape[E any](shape func(p *problem.Error) E) Option {
	t := reflect.TypeFor[E]()
	s := &errorShape{t: t, write: func(p *problem.Error) ([]byte, error) {
		return encode(reflect.ValueOf(shape(p)))
	}}
	if err := s.check(); err != nil {
		panic(fmt.Sprintf("api: %s: the shape of errors %s: %v", caller(2), t, err))
	}
	return func(settings *settings) { settings.shape = s }
}

// check returns why errors cannot be written in this format.
func (s *errorShape) check() (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("it panics: %v", value)
		}
	}()
	if s.t.Kind() == reflect.Interface {
		return fmt.Errorf("an interface has no schema: return a struct")
	}
	if err := writable(s.t); err != nil {
		return err
	}
	if err := noSecrets(s.t); err != nil {
		return err
	}
	_, err = s.write(problem.Invalid(problem.Field{Pointer: "/name", Detail: "Please fill this in."}))
	return err
}

// encode returns a value as JSON, in the form of bodies: with [] and {} for nil.
func encode(v reflect.Value) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(addressed(withLists(v)).Interface()); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// Envelope puts the bodies of the requests and responses of an endpoint into an object with one member:
//
//	api.Get(a, "/articles/{slug}", articles.Show, api.Envelope("article")) // {"article": {"slug": …}}
//
// Faults point into it: /article/title. The empty name removes the envelope of a [Group] or of [Options]. Files, and
// bodies that are sent unchanged, have no envelope. It panics for a name with other characters than letters, digits,
// "-", "_" and ".".
func Envelope(name string) Option {
	checkEnvelope(name)
	return func(s *settings) { s.requestName, s.responseName = name, name }
}

// ResponseEnvelope is [Envelope] for responses only.
func ResponseEnvelope(name string) Option {
	checkEnvelope(name)
	return func(s *settings) { s.requestName, s.responseName = "", name }
}

var envelopeName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.-]*)?$`)

func checkEnvelope(name string) {
	if !envelopeName.MatchString(name) {
		panic(fmt.Sprintf("api: %s: %q cannot be the name of an envelope", caller(3), name))
	}
}

// envelopeOf returns the type of an object whose only member is a t.
func envelopeOf(name string, t reflect.Type) reflect.Type {
	return reflect.StructOf([]reflect.StructField{{
		Name: "Value", Type: t, Tag: reflect.StructTag(`json:"` + name + `" required:"true"`),
	}})
}

// Scheme is the scheme of the Authorization header for access tokens, instead of Bearer: with Scheme("Token"), programs
// send "Authorization: Token …", and 401 responses contain that challenge. The document, the page /docs and generated
// clients use it. The tokens are those of package auth; middleware of an application with other tokens reads them with
// [identity.Token]. It panics for a name that is not a token of RFC 9110, and for Basic and Digest, which carry no
// access token.
func Scheme(name string) Option {
	if !schemeName.MatchString(name) || strings.EqualFold(name, "Basic") || strings.EqualFold(name, "Digest") {
		panic(fmt.Sprintf("api: %s: %q is not a scheme of access tokens", caller(2), name))
	}
	if strings.EqualFold(name, bearer) {
		name = ""
	}
	return func(s *settings) { s.scheme = name }
}

const bearer = "Bearer"

var schemeName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// errorContent returns the description of the errors of endpoints with these settings.
func (m *Module) errorContent(s *settings) map[string]*huma.MediaType {
	if s.shape != nil {
		return map[string]*huma.MediaType{typeJSON: {Schema: m.schemas.Output(s.shape.t)}}
	}
	if m.problemSchema == nil {
		m.problemSchema = newProblemSchema(m.schemas)
	}
	return map[string]*huma.MediaType{problem.ContentType: {Schema: m.problemSchema}}
}

// errorResponse describes the errors with a status; 0 stands for all statuses that the document does not list.
func (m *Module) errorResponse(s *settings, status int) *huma.Response {
	description := http.StatusText(status)
	switch {
	case status == 0:
		description = "Any other error, such as those of middleware"
	case description == "":
		description = "Error"
	}
	return &huma.Response{Description: description, Content: m.errorContent(s)}
}
