package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// Bind reads the fields of a submitted form into the struct that form points to, by their form tags, trims surrounding
// space, and validates the struct (package validate). It reads only the body, never the query or the path, and sets
// only fields with a form tag.
//
//	type Form struct {
//		Title     string             `form:"title" required:"true" maxLength:"200"`
//		Price     decimal.Decimal    `form:"price" minimum:"0"`
//		Due       *covetmodels.Date  `form:"due"`
//		Published bool               `form:"published"`
//		TagIDs    []int64            `form:"tag_ids" exists:"tags.id" maxItems:"100"`
//		Cover     *web.File          `form:"cover" accept:"image/*" maxSize:"5MiB"`
//	}
//
// Fields are strings, numbers, booleans, times, types that unmarshal text, such as decimals, UUIDs and models.Date,
// json.RawMessage, files ([File]), pointers to these, which are nil if the field is empty, and lists of them, from
// repeated fields. Times are RFC 3339, or the format of an input of type datetime-local, interpreted as UTC. An
// unchecked checkbox is not sent, and false; a list that is not sent is empty. Other fields that are not sent keep
// their values.
//
// The Errors are for showing the form again ([Values] has the input): they include text that is not a valid number,
// date or file, together with all other faults. The error is for a request that is not a form.
//
// Threats: mass assignment of fields that the form does not have; parameters smuggled through the URL.
func Bind(c echo.Context, form any) (validate.Errors, error) {
	dst := reflect.ValueOf(form)
	if dst.Kind() != reflect.Pointer || dst.IsNil() || dst.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("binding %T: it is no pointer to a struct", form)
	}
	fields, err := value.FormOf(dst.Elem().Type())
	if err != nil {
		return nil, fmt.Errorf("binding %T: %w", form, err)
	}
	sent, err := read(c, fields)
	if err != nil {
		return nil, err
	}
	faults := fields.Bind(c.Request().Context(), sent.Values, dst.Elem())
	for _, f := range fields.Fields {
		if fault, ok := sent.Faults[f.Name]; ok {
			faults[f.Error] = fault
		}
	}
	errs, err := validate.Check(c.Request().Context(), form, validate.Options{Missing: missing(fields, sent)})
	if err != nil {
		return nil, err
	}
	return merge(errs, faults), nil
}

// merge adds the faults of fields whose text could not be parsed, which replace other faults of these fields.
func merge(errs validate.Errors, faults map[string]string) validate.Errors {
	for name, fault := range faults {
		maps.DeleteFunc(errs, func(other, _ string) bool { return strings.HasPrefix(other, name+".") })
		errs[name] = fault
	}
	return errs
}

// Values returns the submitted text by the names of the fields, so that an invalid form shows the input again. It is
// empty before [Bind]. The text is unescaped; templ escapes it.
//
// It includes passwords: a page must not put them into inputs.
func Values(c echo.Context) url.Values {
	if sent, ok := c.Get(formKey).(*upload.Form); ok {
		return textValues(sent)
	}
	return url.Values{}
}

// formKey is the context key of the form, whose body has been read.
const formKey = "covet.web.form"

// missing reports which fields of the form were empty or not sent, by the names of package validate.
func missing(fields *value.Form, sent *upload.Form) func(name string) bool {
	return func(name string) bool {
		return !slices.ContainsFunc(fields.Fields, func(f value.FormMember) bool {
			return f.Error == name && slices.ContainsFunc(sent.Values[f.Name], func(v value.Value) bool {
				return v.Kind != value.Field || strings.TrimSpace(v.Text) != ""
			})
		})
	}
}

// read returns the form of the request. It reads the body once: a handler may bind two structs to one form.
func read(c echo.Context, fields *value.Form) (*upload.Form, error) {
	if sent, ok := c.Get(formKey).(*upload.Form); ok {
		return sent, nil
	}
	sent, err := readBody(c.Request(), fields)
	if err != nil {
		return nil, err
	}
	// The server ends the context of a request when its handler returns.
	context.AfterFunc(c.Request().Context(), sent.Remove)
	if !isText(sent) {
		return nil, problem.BadRequest(texts.T(c.Request().Context(), "not_text"))
	}
	c.Set(formKey, sent)
	return sent, nil
}

func readBody(r *http.Request, fields *value.Form) (*upload.Form, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	switch {
	case err == nil && mediaType == echo.MIMEMultipartForm:
		return readParts(r, params["boundary"], fields)
	case err == nil && mediaType == echo.MIMEApplicationForm:
		if err := r.ParseForm(); err != nil {
			return nil, unreadable(err)
		}
		return upload.Take(r.Context(), &multipart.Form{Value: r.PostForm}, upload.Options{})
	}
	return nil, problem.Status(http.StatusUnsupportedMediaType)
}

// readParts reads a form with files, and stores its text where net/http does.
func readParts(r *http.Request, boundary string, fields *value.Form) (*upload.Form, error) {
	opts := upload.Options{Rules: map[string]upload.Rule{}, Lenient: true}
	for _, f := range fields.Fields {
		rule, isFile, err := upload.NewRule(f.StructField)
		if err != nil {
			return nil, fmt.Errorf("binding the field %s: %w", f.StructField.Name, err)
		}
		if isFile {
			opts.Rules[f.Name] = rule
		}
	}
	if r.MultipartForm != nil {
		return upload.Take(r.Context(), r.MultipartForm, opts)
	}
	sent, err := upload.Read(r.Context(), r.Body, boundary, opts)
	if syntax := (*value.SyntaxError)(nil); errors.As(err, &syntax) {
		return nil, unreadable(err)
	}
	if err != nil {
		return nil, err
	}
	r.PostForm, r.Form = textValues(sent), textValues(sent)
	for name, list := range r.URL.Query() {
		r.Form[name] = append(r.Form[name], list...)
	}
	return sent, nil
}

func textValues(sent *upload.Form) url.Values {
	values := make(url.Values, len(sent.Values))
	for name, list := range sent.Values {
		for _, v := range list {
			if v.Kind == value.Field {
				values[name] = append(values[name], v.Text)
			}
		}
	}
	return values
}

// isText reports whether every value of the form is text that each database can store: valid UTF-8 without NUL.
func isText(sent *upload.Form) bool {
	for _, list := range textValues(sent) {
		for _, text := range list {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return false
			}
		}
	}
	return true
}

// unreadable returns the problem of a body that is not a form, without the error's text, which may contain input.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, context.Canceled) {
		return err
	}
	return problem.BadRequest("").WithCause(fmt.Errorf("reading the form: %w", err))
}
