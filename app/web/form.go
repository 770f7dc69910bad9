package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// Bind reads the fields of a submitted form into the struct that form points
// to, by their form tags, trims the space around its strings, and validates it
// (package validate). Only the body is read, never the query or the path, and
// only fields with a form tag are set.
//
// The Errors are for the page that shows the form again; the error is for a
// request that is no form at all.
//
// Threats: mass assignment of fields that the form does not have; parameters
// smuggled through the address.
func Bind(c echo.Context, form any) (validate.Errors, error) {
	if err := bindBody(c, form); err != nil {
		return nil, bindProblem(err)
	}
	if !isText(c.Request()) {
		return nil, problem.BadRequest("The form holds something that is not text.")
	}
	trim(reflect.ValueOf(form).Elem())
	return validate.Check(withLookup(c), form, validate.Options{Missing: missing(c.Request())})
}

// withLookup returns the context of the request, in which unique and exists ask
// the database of the application.
func withLookup(c echo.Context) context.Context {
	ctx := c.Request().Context()
	if renderer, ok := c.Echo().Renderer.(*Renderer); ok {
		return validate.WithLookup(ctx, renderer.Lookup)
	}
	return ctx
}

// missing tells which fields of the form were left empty or not sent.
func missing(r *http.Request) func(name string) bool {
	values := fields(r)
	return func(name string) bool {
		return !slices.ContainsFunc(values[name], func(value string) bool { return strings.TrimSpace(value) != "" })
	}
}

// fields returns the fields of the form that was read.
func fields(r *http.Request) url.Values {
	if r.MultipartForm != nil {
		return r.MultipartForm.Value
	}
	return r.PostForm
}

// bindBody lets echo's binder read a form, and nothing else: of JSON and XML it
// would set fields without a form tag, too, and of a URL-encoded form it would
// read the query.
func bindBody(c echo.Context, form any) error {
	r := c.Request()
	mediaType, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	switch {
	case err == nil && mediaType == echo.MIMEMultipartForm:
	case err == nil && mediaType == echo.MIMEApplicationForm:
		if err := r.ParseForm(); err != nil {
			return err
		}
		defer func(all url.Values) { r.Form = all }(r.Form)
		r.Form = r.PostForm
	default:
		return problem.Status(http.StatusUnsupportedMediaType)
	}
	return (&echo.DefaultBinder{}).BindBody(c, form)
}

// isText reports whether every value of the form is text that each database can
// store: valid UTF-8 without NUL.
func isText(r *http.Request) bool {
	for _, list := range fields(r) {
		for _, value := range list {
			if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
				return false
			}
		}
	}
	return true
}

// bindProblem keeps echo's statuses and none of its texts, which may quote input.
func bindProblem(err error) error {
	if known := problem.From(err); known.Code != "internal" {
		return known
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		return problem.Status(he.Code).WithCause(err)
	}
	return problem.BadRequest("").WithCause(fmt.Errorf("reading the form: %w", err))
}

// trim removes the space around the strings of a struct. Fields tagged
// trim:"false", such as passwords, stay as they are.
func trim(v reflect.Value) {
	for i := range v.NumField() {
		field, sf := v.Field(i), v.Type().Field(i)
		switch {
		case !field.CanSet() || sf.Tag.Get("trim") == "false":
		case field.Kind() == reflect.String:
			field.SetString(strings.TrimSpace(field.String()))
		case field.Kind() == reflect.Struct:
			trim(field)
		}
	}
}
