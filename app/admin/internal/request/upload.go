package request

import (
	"context"
	"mime"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/problem"
)

// Submitted is a submitted form with files.
type Submitted struct {
	Values url.Values
	// Files are the chosen files, and Faults what is wrong with some of them, by the names of their fields. They are
	// temporary files, which are removed when the request ends.
	Files  map[string]upload.File
	Faults map[string]string
}

// Upload is [Form] for a form that may hold files (multipart/form-data): those for which there is a rule.
//
// Threats: files of other types and sizes than the field allows; files that nobody asked for, which fill the disk.
func Upload(c echo.Context, rules map[string]upload.Rule) (Submitted, error) {
	r := c.Request()
	mediaType, params, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	if err != nil || mediaType != echo.MIMEMultipartForm || len(rules) == 0 {
		values, err := Form(c)
		return Submitted{Values: values, Faults: map[string]string{}}, err
	}
	sent, err := upload.Read(r.Context(), r.Body, params["boundary"], upload.Options{Rules: rules, Lenient: true})
	if err != nil {
		if known := problem.From(err); known.Code != "internal" {
			return Submitted{}, known
		}
		return Submitted{}, problem.BadRequest("").WithCause(err)
	}
	context.AfterFunc(r.Context(), sent.Remove)
	form := Submitted{Values: url.Values{}, Files: map[string]upload.File{}, Faults: map[string]string{}}
	for name, list := range sent.Values {
		for _, v := range list {
			if file, ok := v.Native.(upload.File); ok {
				form.Files[name] = file
			} else if v.Kind == value.Field {
				form.Values[name] = append(form.Values[name], v.Text)
			}
		}
	}
	for name, fault := range sent.Faults {
		form.Faults[name] = fault
	}
	return form, checkText(r.Context(), form.Values)
}
