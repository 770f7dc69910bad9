package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// reader reads one request into an input.
type reader struct {
	ctx      context.Context //nolint:containedctx // a reader lives as long as its request
	c        echo.Context
	endpoint *endpoint
	faults   []problem.Field
	bound    value.Result // of the current value
	query    url.Values
	upload   *upload.Form // nil unless the body is a form with files
}

// read fills the input, or returns why the request is invalid. The actor is resolved first, so that unauthorized
// clients learn nothing. All faults are reported together.
func (r *reader) read(v reflect.Value) error {
	in := r.endpoint.input
	i := 0
	for ; i < len(in.dependencies) && in.dependencies[i].first; i++ {
		if err := r.resolve(in.dependencies[i], v); err != nil {
			return err
		}
	}
	if err := r.permit(); err != nil {
		return err
	}
	if err := r.params(v); err != nil {
		return err
	}
	if in.body != nil {
		if err := r.body(in.body, v); err != nil {
			return err
		}
	}
	if err := r.problem(); err != nil {
		return err
	}
	for _, d := range in.dependencies[i:] {
		if err := r.resolve(d, v); err != nil {
			return err
		}
	}
	if in.validates {
		return r.validate(v)
	}
	return nil
}

// permit returns a problem unless the actor may use the endpoint.
func (r *reader) permit() error {
	switch {
	case r.endpoint.permission != "":
		return permit(r.ctx, r.endpoint.permission)
	case r.endpoint.requiresFullScope():
		return unscoped(r.ctx)
	}
	return nil
}

func (r *reader) resolve(d dependency, v reflect.Value) error {
	if d.resolve == nil {
		return nil
	}
	return d.resolve(r.ctx, v.FieldByIndex(d.index))
}

// problem returns all faults as one problem.
func (r *reader) problem() error {
	if len(r.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(r.faults, func(a, b problem.Field) int { return cmp.Compare(a.Pointer, b.Pointer) })
	return problem.Invalid(r.faults...)
}

// validate runs the input's own Validate method.
func (r *reader) validate(v reflect.Value) error {
	errs := validate.Errors{}
	own, _ := v.Addr().Interface().(validate.Validator) // newInput has checked its type
	if err := own.Validate(r.ctx, errs); err != nil {
		return fmt.Errorf("validating %s: %w", v.Type(), err)
	}
	if len(errs) == 0 {
		return nil
	}
	return problem.Invalid(r.endpoint.input.located(errs.Fields())...)
}

// located returns faults of members of Body, or of parameters, as faults of the request.
func (in *input) located(faults []problem.Field) []problem.Field {
	if in.body == nil || in.body.envelope == "" {
		return faults
	}
	for i := range faults {
		if !slices.ContainsFunc(in.params, func(p param) bool { return faults[i].Pointer == "/"+p.name }) {
			in.body.inEnvelope(faults[i : i+1])
		}
	}
	return faults
}

// add adds the errors of package validate, unless there already is a fault of the same value, or of one inside of it.
func (r *reader) add(errs validate.Errors) {
	known := r.faults
	for _, f := range errs.Fields() {
		if !slices.ContainsFunc(known, func(k problem.Field) bool {
			return k.Pointer == f.Pointer || strings.HasPrefix(k.Pointer, f.Pointer+"/") ||
				strings.HasPrefix(f.Pointer, k.Pointer+"/")
		}) {
			r.faults = append(r.faults, f)
		}
	}
}

func (r *reader) params(v reflect.Value) error {
	var errs validate.Errors
	for i := range r.endpoint.input.params {
		p := &r.endpoint.input.params[i]
		sent, n, err := r.raw(p)
		if err != nil {
			return err
		}
		switch {
		case n > 1 && !p.list:
			r.fault(p, texts.T(r.ctx, "repeated"))
			continue
		case n > 0:
		case p.fallback != nil:
			sent = *p.fallback
		case p.required:
			r.fault(p, texts.T(r.ctx, "required"))
			continue
		default:
			continue
		}
		if !r.bind(p, &sent, v.FieldByIndex(p.index)) || p.rules == nil {
			continue
		}
		if errs == nil {
			errs = validate.Errors{}
		}
		if err := p.rules.Check(r.ctx, v.FieldByIndex(p.parent), errs,
			validate.Options{Sent: alwaysSent, Around: v}); err != nil {
			return fmt.Errorf("validating the parameter %s: %w", p.name, err)
		}
	}
	if len(errs) > 0 {
		r.add(errs)
	}
	if r.endpoint.input.cursor {
		r.refuseNumbers()
	}
	return nil
}

// refuseNumbers reports parameters with page numbers if the endpoint uses [Cursor]: otherwise a client that expects
// numbers would read the first page again and again.
func (r *reader) refuseNumbers() {
	for _, name := range []string{"page", "offset", "per_page"} {
		own := slices.ContainsFunc(r.endpoint.input.params, func(p param) bool { return p.in == "query" && p.name == name })
		if r.query.Has(name) && !own {
			r.faults = append(r.faults, problem.Field{Pointer: "/" + name, Detail: texts.T(r.ctx, "instead_of."+name)})
		}
	}
}

// bind sets the field of a parameter. It returns false after a fault.
func (r *reader) bind(p *param, sent *value.Value, dst reflect.Value) bool {
	p.binder.Bind(r.ctx, &r.bound, sent, dst)
	if len(r.bound.Faults) == 0 {
		return true
	}
	for _, f := range r.bound.Faults {
		r.fault(p, f.Detail)
	}
	r.bound.Faults = nil
	return false
}

// alwaysSent treats a parameter with an empty text as sent.
func alwaysSent(string) bool { return true }

func elemKind(t reflect.Type) reflect.Kind {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind()
}

func (r *reader) fault(p *param, detail string) {
	r.faults = append(r.faults, problem.Field{Pointer: "/" + p.name, Detail: detail})
}

// raw returns the value of a parameter, and how often it was sent.
func (r *reader) raw(p *param) (value.Value, int, error) {
	request := r.c.Request()
	switch p.in {
	case "path":
		text := r.c.Param(p.name)
		if request.URL.RawPath != "" {
			var err error
			if text, err = url.PathUnescape(text); err != nil {
				return value.Value{}, 0, problem.NotFound("")
			}
		}
		return value.Value{Kind: value.Field, Text: text}, 1, nil
	case "query":
		if r.query == nil {
			var err error
			if r.query, err = url.ParseQuery(request.URL.RawQuery); err != nil {
				return value.Value{}, 0, problem.BadRequest("").WithText(texts, "query")
			}
		}
		return listValue(r.query[p.name])
	case "header":
		list := request.Header.Values(p.name)
		if len(list) > 0 && p.list {
			list = splitList(list)
		}
		return listValue(list)
	}
	cookie, err := request.Cookie(p.name)
	if err != nil {
		return value.Value{}, 0, nil //nolint:nilerr // there is none
	}
	return value.Value{Kind: value.Field, Text: cookie.Value}, 1, nil
}

func listValue(list []string) (value.Value, int, error) {
	if len(list) == 0 {
		return value.Value{}, 0, nil
	}
	return value.FormField(list), len(list), nil
}

// splitList splits the values of a header that is a list (RFC 9110 §5.6.1).
func splitList(values []string) []string {
	var list []string
	for _, v := range values {
		for item := range strings.SplitSeq(v, ",") {
			if item = strings.TrimSpace(item); item != "" {
				list = append(list, item)
			}
		}
	}
	return list
}

// body reads the body, and records its faults.
func (r *reader) body(b *body, v reflect.Value) error {
	request := r.c.Request()
	if limit := r.endpoint.maxBody; limit > 0 {
		if err := middleware.LimitBody(r.c, limit); err != nil {
			return err
		}
	}
	if request.Body == nil || request.Body == http.NoBody || request.ContentLength == 0 {
		return r.bodiless(b)
	}
	tree, err := r.parseBody(b, v)
	if err != nil || b.raw {
		return err
	}
	if tree == nil {
		return r.bodiless(b)
	}
	dst := b.target(v.FieldByIndex(b.index))
	b.binder.Bind(r.ctx, &r.bound, tree, dst)
	r.faults = append(r.faults, r.bound.Faults...)
	b.unwrap(v.FieldByIndex(b.index), dst)
	if !b.checked {
		return nil
	}
	opts := validate.Options{JSON: true, Around: v}
	if r.bound.Empty != nil {
		opts.Sent = func(name string) bool { return r.bound.Empty[name] }
	}
	errs, err := validate.Check(r.ctx, dst.Addr().Interface(), opts)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		r.add(errs)
	}
	return nil
}

// target returns what the body is bound to: the field Body, what it points to, or the envelope around it.
func (b *body) target(field reflect.Value) reflect.Value {
	if b.envelope != "" {
		return reflect.New(b.t).Elem()
	}
	if b.optional {
		field.Set(reflect.New(b.t))
		return field.Elem()
	}
	return field
}

// unwrap moves the content of an envelope into the field Body.
func (b *body) unwrap(field, target reflect.Value) {
	if b.envelope == "" {
		return
	}
	if b.optional {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	field.Set(target.Field(0))
}

// inEnvelope returns faults of the envelope's content, if there is one, as faults of the body.
func (b *body) inEnvelope(faults []problem.Field) []problem.Field {
	if b.envelope == "" {
		return faults
	}
	for i := range faults {
		faults[i].Pointer = "/" + value.Escape(b.envelope) + faults[i].Pointer
	}
	return faults
}

// bodiless returns the problem of a missing body.
func (r *reader) bodiless(b *body) error {
	if b.optional {
		return nil
	}
	p := problem.BadRequest(texts.T(r.ctx, "no_body"))
	p.Fields = []problem.Field{{Pointer: "", Detail: p.Detail}}
	return p
}

// parseBody parses the body by its media type. It returns nil for an empty one.
//
// Threat: media types that a page of another site can send without a preflight request, such as text/plain, accepted as
// JSON.
func (r *reader) parseBody(b *body, v reflect.Value) (*value.Value, error) {
	header := r.c.Request().Header
	mediaType, params, err := mediaType(header.Get("Content-Type"))
	if encoding := header.Get("Content-Encoding"); err != nil ||
		(encoding != "" && encoding != "identity") || !utf8Only(params) {
		return nil, r.unsupported(b)
	}
	if strings.HasSuffix(mediaType, "+json") && strings.HasPrefix(mediaType, "application/") {
		mediaType = typeJSON
	}
	if !slices.Contains(b.types, mediaType) {
		return nil, r.unsupported(b)
	}
	if mediaType == typeMultipart && !b.raw {
		return r.multipart(b, params["boundary"])
	}
	data, err := r.all()
	if err != nil || (len(data) == 0 && !b.raw) {
		return nil, err
	}
	var tree value.Value
	switch {
	case b.raw:
		v.FieldByIndex(b.index).SetBytes(data)
		return nil, nil //nolint:nilnil // raw bytes have no tree
	case mediaType == typeCBOR:
		tree, err = r.endpoint.module.cbor.Parse(data)
	case mediaType == typeForm:
		tree, err = parseForm(data)
	default:
		tree, err = value.ParseJSON(data)
	}
	if err != nil {
		return nil, malformedBody(r.ctx, err)
	}
	return &tree, nil
}

// mediaType parses a Content-Type, with a fast path for the most frequent one.
func mediaType(text string) (string, map[string]string, error) {
	if text == typeJSON {
		return text, nil, nil
	}
	return mime.ParseMediaType(text)
}

func utf8Only(params map[string]string) bool {
	charset := strings.ToLower(params["charset"])
	return charset == "" || charset == "utf-8" || charset == "utf8"
}

func (r *reader) unsupported(b *body) error {
	p := problem.Status(http.StatusUnsupportedMediaType).WithHeader("Accept", strings.Join(b.types, ", "))
	p.Detail = texts.T(r.ctx, "media_type", "types", strings.Join(b.types, ", "))
	return p
}

// all reads the whole body, within its limit.
func (r *reader) all() ([]byte, error) {
	var buffer bytes.Buffer
	if n := r.c.Request().ContentLength; n > 0 && n < 1<<20 {
		buffer.Grow(int(n) + bytes.MinRead)
	}
	if _, err := buffer.ReadFrom(r.c.Request().Body); err != nil {
		return nil, unreadable(err)
	}
	return buffer.Bytes(), nil
}

// unreadable returns the problem of a body that ended early or is too large.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	var refused *echo.HTTPError // by middleware such as echo's BodyLimit
	if errors.As(err, &tooLarge) || errors.As(err, &refused) || errors.Is(err, context.Canceled) {
		return err
	}
	return problem.BadRequest("").WithText(texts, "body").WithCause(err)
}

// malformedBody returns the problem of a body that is not what its type says.
func malformedBody(ctx context.Context, err error) error {
	if errors.Is(err, value.ErrTooMany) {
		return problem.TooLarge("").WithText(texts, "too_many_values", "n", value.MaxValues).WithCause(err)
	}
	p := problem.BadRequest("").WithText(texts, "body").WithCause(err)
	var syntax *value.SyntaxError
	if errors.As(err, &syntax) {
		p.Detail = syntax.Detail(ctx)
		p.Fields = []problem.Field{{Pointer: syntax.Pointer, Detail: p.Detail}}
	}
	return p
}

func parseForm(data []byte) (value.Value, error) {
	if bytes.Count(data, []byte("&")) >= value.MaxValues {
		return value.Value{}, value.ErrTooMany
	}
	if trimmed := bytes.TrimSpace(data); bytes.HasPrefix(trimmed, []byte("{")) || bytes.HasPrefix(trimmed, []byte("[")) {
		// What curl -d sends when nobody says otherwise.
		return value.Value{}, value.Syntax("", "syntax.looks_like_json")
	}
	values, err := url.ParseQuery(string(data))
	if err != nil {
		return value.Value{}, value.Syntax("", "syntax.form")
	}
	return value.ParseForm(values), nil
}

// removeFiles removes the temporary files of the request.
func (r *reader) removeFiles() {
	if r.upload != nil {
		r.upload.Remove()
	}
}

// multipart reads a form with files.
func (r *reader) multipart(b *body, boundary string) (*value.Value, error) {
	form, err := upload.Read(r.ctx, r.c.Request().Body, boundary, upload.Options{Rules: b.files})
	if syntax := (*value.SyntaxError)(nil); errors.As(err, &syntax) {
		return nil, malformedBody(r.ctx, err)
	}
	if err != nil {
		return nil, err
	}
	r.upload = form
	for name, fault := range form.Faults {
		r.faults = append(r.faults, problem.Field{Pointer: "/" + name, Detail: fault})
	}
	tree := &value.Value{Kind: value.Object}
	for name, list := range form.Values {
		v := list[0]
		if len(list) > 1 {
			v = value.Value{Kind: value.List}
			for _, item := range list {
				v.Members = append(v.Members, value.Member{Value: item})
			}
		}
		tree.Members = append(tree.Members, value.Member{Name: name, Value: v})
	}
	return tree, nil
}
