package apptest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Form is a form of a page with the values of its fields.
type Form struct {
	page      *Page
	method    string
	action    string
	multipart bool
	fields    map[string]*field
	values    url.Values
	files     map[string][]attachment
}

// field is a name of a form with its values.
type field struct {
	controls int      // without choices
	options  []string // the values that can be chosen
	choice   bool     // checkboxes, radio buttons or a select
	multiple bool     // any number can be chosen
	file     bool
}

// Form returns the form with this action, or with this selector if it starts with "#" or "form". It fails the test
// immediately if the page has no such form.
func (p *Page) Form(action string) *Form {
	p.client.t.Helper()
	selector := `form[action="` + action + `"]`
	if strings.HasPrefix(action, "#") || strings.HasPrefix(action, "form") {
		selector = action
	}
	found := p.Find(selector).First()
	if found.Length() == 0 {
		p.client.t.Fatalf("%s has no form %s; the body is:\n%s", p.URL(), selector, p.body)
	}
	f := &Form{
		page:      p,
		method:    strings.ToUpper(found.AttrOr("method", http.MethodGet)),
		action:    p.resolve(found.AttrOr("action", "")),
		multipart: strings.EqualFold(found.AttrOr("enctype", ""), "multipart/form-data"),
		fields:    map[string]*field{}, values: url.Values{}, files: map[string][]attachment{},
	}
	found.Find("[name]").Each(func(_ int, control *goquery.Selection) { f.read(control) })
	return f
}

// read adds the value that an unchanged control would submit (HTML, "constructing the entry list").
func (f *Form) read(control *goquery.Selection) {
	if _, disabled := control.Attr("disabled"); disabled {
		return
	}
	name := control.AttrOr("name", "")
	in := f.fields[name]
	if in == nil {
		in = &field{}
		f.fields[name] = in
	}
	switch goquery.NodeName(control) {
	case "textarea":
		in.controls++
		f.values.Add(name, control.Text())
	case "select":
		f.readSelect(in, name, control)
	case "input":
		f.readInput(in, name, control)
	}
}

func (f *Form) readSelect(in *field, name string, control *goquery.Selection) {
	_, in.multiple = control.Attr("multiple")
	in.choice = true
	options := control.Find("option:not([disabled])")
	options.Each(func(_ int, option *goquery.Selection) {
		in.options = append(in.options, valueOf(option))
	})
	chosen := options.Filter("[selected]")
	if chosen.Length() == 0 && !in.multiple {
		chosen = options.First()
	}
	chosen.Each(func(_ int, option *goquery.Selection) { f.values.Add(name, valueOf(option)) })
}

// valueOf returns the submitted value of an option.
func valueOf(option *goquery.Selection) string { return option.AttrOr("value", option.Text()) }

func (f *Form) readInput(in *field, name string, control *goquery.Selection) {
	switch kind := control.AttrOr("type", "text"); kind {
	case "checkbox", "radio":
		value := control.AttrOr("value", "on")
		in.choice, in.multiple = true, kind == "checkbox"
		in.options = append(in.options, value)
		if _, checked := control.Attr("checked"); checked {
			f.values.Add(name, value)
		}
	case "submit", "button", "image", "reset":
	case "file":
		in.file = true
		_, in.multiple = control.Attr("multiple")
	default:
		in.controls++
		f.values.Add(name, control.AttrOr("value", ""))
	}
}

// Fill sets a field. In a group of checkboxes or a select with several choices, it chooses exactly these values:
// Fill("agreed", "true") checks a checkbox, and Fill("agreed") unchecks it. It fails the test immediately if the form
// has no such field or does not offer a value. Fill returns f.
func (f *Form) Fill(name string, values ...string) *Form {
	t := f.page.client.t
	t.Helper()
	in := f.fields[name]
	switch {
	case in == nil:
		t.Fatalf("the form of %s has no field %q", f.page.URL(), name)
	case in.file:
		t.Fatalf("the field %q of %s is for files: use Attach", name, f.page.URL())
	case in.choice && !in.multiple && len(values) != 1:
		t.Fatalf("%q of %s requires exactly one value, got %q", name, f.page.URL(), values)
	case !in.choice && (len(values) == 0 || len(values) > max(in.controls, 1)):
		t.Fatalf("the form of %s requires %d values for %q, got %q", f.page.URL(), max(in.controls, 1), name, values)
	}
	for _, value := range values {
		if in.choice && !slices.Contains(in.options, value) {
			t.Fatalf("the form of %s does not offer %q for %q; it offers %q", f.page.URL(), value, name, in.options)
		}
	}
	f.values[name] = values
	return f
}

// Submit submits the form like a browser and follows redirects.
func (f *Form) Submit() *Page {
	f.page.client.t.Helper()
	switch {
	case f.method == http.MethodGet:
		target, _, _ := strings.Cut(f.action, "?")
		return f.page.client.Get(target + "?" + f.values.Encode())
	case f.multipart:
		return f.submitMultipart()
	}
	return f.page.client.Post(f.action, f.values)
}
