package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/covetgo/covet/app/api/internal/schema"
)

// Document returns the OpenAPI 3.1 document of everything that is registered. It needs no server and no database, and
// is deterministic.
func (m *Module) Document() ([]byte, error) {
	m.describe.Do(func() {
		var compact []byte
		if compact, m.failure = m.openAPI().MarshalJSON(); m.failure != nil {
			return
		}
		var indented bytes.Buffer
		m.failure = json.Indent(&indented, compact, "", "  ")
		m.document = append(indented.Bytes(), '\n')
	})
	if m.failure != nil {
		return nil, fmt.Errorf("describing the API: %w", m.failure)
	}
	return m.document, nil
}

// openAPI returns the document as a tree.
func (m *Module) openAPI() *huma.OpenAPI {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:       cmp.Or(m.opts.Title, m.app.Config.App.Name, "API"),
			Version:     cmp.Or(m.opts.Version, "1.0.0"),
			Description: m.opts.Description,
		},
		JSONSchemaDialect: "https://spec.openapis.org/oas/3.1/dialect/base",
		Servers:           []*huma.Server{{URL: m.app.Config.BaseURL()}},
		Paths:             map[string]*huma.PathItem{},
		Components:        &huma.Components{Schemas: m.schemas.Registry()},
	}
	var tags []string
	schemes := map[string]*huma.SecurityScheme{}
	for _, e := range m.endpoints {
		if e.hidden {
			continue
		}
		doc.AddOperation(e.operation)
		tags = append(tags, e.operation.Tags...)
		m.addSchemes(schemes, e)
	}
	slices.Sort(tags)
	for _, tag := range slices.Compact(tags) {
		doc.Tags = append(doc.Tags, &huma.Tag{Name: tag})
	}
	if len(schemes) > 0 {
		doc.Components.SecuritySchemes = schemes
	}
	return doc
}

const (
	schemeSession = "session"
	schemeToken   = "token"
)

// tokenScheme returns the document's name for the scheme of an endpoint's access tokens.
func (e *endpoint) tokenScheme() string {
	if e.scheme == "" {
		return schemeToken
	}
	return "authorization" + e.scheme
}

// addSchemes describes how requests are authenticated.
func (m *Module) addSchemes(schemes map[string]*huma.SecurityScheme, e *endpoint) {
	if len(e.operation.Security) == 0 {
		return
	}
	schemes[schemeSession] = &huma.SecurityScheme{
		Type: "apiKey", In: "cookie", Name: cmp.Or(m.opts.SessionCookie, m.app.Cookies().Name("session")),
		Description: "The session of a browser that is signed in.",
	}
	if e.scheme == "" {
		schemes[schemeToken] = &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: "An access token."}
		return
	}
	// As a key in a header, because tools send http schemes only if they know them.
	schemes[e.tokenScheme()] = &huma.SecurityScheme{
		Type: "apiKey", In: "header", Name: "Authorization",
		Description: "An access token, as `Authorization: " + e.scheme + " TOKEN`.",
		Extensions:  map[string]any{extensionScheme: e.scheme},
	}
}

// extensionScheme is the name of the scheme of the Authorization header if it is not Bearer.
const extensionScheme = "x-authorization-scheme"

// newOperation describes an endpoint. It returns an error for types and tags that a document cannot describe.
func (m *Module) newOperation(e *endpoint) (op *huma.Operation, err error) {
	defer func() {
		if value := recover(); value != nil { // huma panics on invalid tags
			err = fmt.Errorf("describing it: %v", value)
		}
	}()
	op = &huma.Operation{
		Method: e.method, Path: e.path,
		OperationID: cmp.Or(e.operationID, m.operationID(e)),
		Description: e.description, Tags: e.tags, Deprecated: e.deprecated,
		Responses: map[string]*huma.Response{},
	}
	op.Summary = cmp.Or(e.summary, humanize(op.OperationID))
	if op.Tags == nil {
		segment, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(e.path, m.cfg.Prefix), "/"), "/")
		op.Tags = []string{cmp.Or(segment, "api")}
	}
	for i := range e.input.params {
		op.Parameters = append(op.Parameters, m.parameter(&e.input.params[i]))
	}
	if e.input.body != nil {
		op.RequestBody = m.requestBody(e.input.body)
	}
	op.Security = e.security()
	op.Extensions = map[string]any{}
	if e.permission != "" {
		op.Extensions["x-permission"] = e.permission
	}
	if e.scheme != "" && len(op.Security) > 0 {
		op.Extensions[extensionScheme] = e.scheme
	}
	op.Responses[strconv.Itoa(e.status)] = m.response(e)
	if e.output.status != nil {
		for _, others := range []string{"2XX", "3XX"} {
			op.Responses[others] = m.response(e)
			op.Responses[others].Description = "Another status, by the state of the resource"
		}
	}
	if e.output.etag != nil && e.method == http.MethodGet {
		op.Responses["304"] = &huma.Response{Description: "The client has this version already."}
	}
	for _, status := range e.problems() {
		op.Responses[strconv.Itoa(status)] = m.errorResponse(&e.settings, status)
	}
	op.Responses["default"] = m.errorResponse(&e.settings, 0)
	switch {
	case e.permission != "":
		op.Responses["403"].Description += ": it takes the permission " + e.permission
	case e.requiresFullScope():
		op.Responses["403"].Description += ": an access token takes the scope *"
	}
	return op, nil
}

// operationID returns a name made of method and path: getPostsById.
func (m *Module) operationID(e *endpoint) string {
	id := strings.ToLower(e.method)
	for segment := range strings.SplitSeq(strings.TrimPrefix(e.path, m.cfg.Prefix), "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			segment = "by-" + strings.TrimSuffix(name, "}")
		}
		for word := range strings.FieldsFuncSeq(segment, isSeparator) {
			id += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return id
}

func isSeparator(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// humanize writes a name in camel case as words: "Get posts by id".
func humanize(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			b.WriteString(strings.ToUpper(string(r)))
		case 'A' <= r && r <= 'Z':
			b.WriteString(" " + strings.ToLower(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (m *Module) parameter(p *param) *huma.Param {
	s := m.schemas.Parameter(p.field)
	doc := &huma.Param{Name: p.name, In: p.in, Description: p.field.Tag.Get("doc"), Required: p.required, Schema: s}
	doc.Deprecated = p.field.Tag.Get("deprecated") == "true"
	return doc
}

func (m *Module) requestBody(b *body) *huma.RequestBody {
	doc := &huma.RequestBody{Required: !b.optional, Content: map[string]*huma.MediaType{}}
	s := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	if !b.raw {
		s = m.schemas.Input(b.t)
	}
	for _, mediaType := range b.types {
		doc.Content[mediaType] = &huma.MediaType{Schema: s}
	}
	for name, rule := range b.files {
		media := doc.Content[typeMultipart]
		if len(rule.Accept) > 0 {
			if media.Encoding == nil {
				media.Encoding = map[string]*huma.Encoding{}
			}
			media.Encoding[name] = &huma.Encoding{ContentType: strings.Join(rule.Accept, ", ")}
		}
	}
	return doc
}

// security returns the authentication of an endpoint.
func (e *endpoint) security() []map[string][]string {
	actor := []map[string][]string{{schemeSession: {}}, {e.tokenScheme(): {}}}
	switch {
	case e.permission != "" || slices.ContainsFunc(e.input.dependencies, func(d dependency) bool { return d.known }):
		return actor
	case slices.ContainsFunc(e.input.dependencies, func(d dependency) bool { return d.optional }):
		return append([]map[string][]string{{}}, actor...)
	}
	return []map[string][]string{} // optional authentication, stated explicitly
}

// problems are the statuses of problems that an endpoint may return.
func (e *endpoint) problems() []int {
	statuses := append([]int{http.StatusInternalServerError}, e.errors...)
	for _, p := range e.input.params {
		switch p.in {
		case "path":
			statuses = append(statuses, http.StatusNotFound, http.StatusUnprocessableEntity)
		default:
			statuses = append(statuses, http.StatusBadRequest, http.StatusUnprocessableEntity)
		}
	}
	if e.input.body != nil {
		statuses = append(statuses, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	}
	for _, d := range e.input.dependencies {
		statuses = append(statuses, d.errors...)
		if d.first {
			statuses = append(statuses, http.StatusServiceUnavailable)
		}
		if d.known {
			statuses = append(statuses, http.StatusUnauthorized)
		}
	}
	if e.permission != "" {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable)
	}
	if e.requiresFullScope() {
		statuses = append(statuses, http.StatusForbidden)
	}
	slices.Sort(statuses)
	return slices.Compact(statuses)
}

func (m *Module) response(e *endpoint) *huma.Response {
	doc := &huma.Response{Description: http.StatusText(e.status)}
	headers := map[string]*huma.Header{}
	contentType := "application/octet-stream"
	for _, h := range e.output.headers {
		if h.name == "Content-Type" {
			contentType = cmp.Or(h.field.Tag.Get("default"), "*/*")
			continue
		}
		headers[h.name] = &huma.Header{Description: h.field.Tag.Get("doc"), Schema: m.schemas.Parameter(h.field)}
	}
	if e.output.links != nil {
		headers["Link"] = &huma.Header{
			Description: "The pages around this one (RFC 8288): first, prev, next, last.",
			Schema:      &huma.Schema{Type: huma.TypeString},
		}
		for name, description := range linkHeaders {
			headers[name] = &huma.Header{Description: description, Schema: &huma.Schema{Type: huma.TypeInteger}}
		}
	}
	if len(headers) > 0 {
		doc.Headers = headers
	}
	switch b := e.output.body; {
	case b == nil:
	case b.raw || b.streamed:
		doc.Content = map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	default:
		s := m.schemas.Output(b.sent())
		doc.Content = map[string]*huma.MediaType{typeJSON: {Schema: s}, typeCBOR: {Schema: s}}
	}
	return doc
}

// problemName is the name of problem details in the document.
const problemName = "Problem"

// newProblemSchema describes problem details (RFC 9457) as package problem writes them.
func newProblemSchema(set *schema.Set) *huma.Schema {
	text := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Description: description}
	}
	return set.Add(problemName, &huma.Schema{
		Type: huma.TypeObject, Description: "What went wrong (RFC 9457).",
		Required: []string{"code", "status", "title", "type"},
		Properties: map[string]*huma.Schema{
			"type":   text("A URI that identifies the kind of problem, or about:blank."),
			"title":  text("The text of the status."),
			"status": {Type: huma.TypeInteger, Description: "The HTTP status."},
			"detail": text("What went wrong, for people."),
			"code":   text("What went wrong, for programs."),
			"errors": {
				Type: huma.TypeArray, Description: "The faulty parts of the input.",
				Items: &huma.Schema{
					Type: huma.TypeObject, Required: []string{"detail", "pointer"},
					Properties: map[string]*huma.Schema{
						"pointer": text("A JSON Pointer (RFC 6901) into the body, or the name of a parameter behind a slash."),
						"detail":  text("What is wrong with it."),
					},
				},
			},
		},
	})
}
