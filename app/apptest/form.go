package apptest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Form is a form on a page, with the values that its fields have there.
type Form struct {
	page   *Page
	method string
	action string
	fields map[string]bool
	values url.Values
}

// Form returns the form with this action, or with this selector when it starts
// with "#" or "form". The test fails at once when the page has none.
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
		page:   p,
		method: strings.ToUpper(found.AttrOr("method", http.MethodGet)),
		action: p.resolve(found.AttrOr("action", "")),
		fields: map[string]bool{}, values: url.Values{},
	}
	found.Find("[name]").Each(func(_ int, control *goquery.Selection) { f.read(control) })
	return f
}

// read takes over the value that a control would submit untouched (HTML,
// "constructing the entry list").
func (f *Form) read(control *goquery.Selection) {
	name := control.AttrOr("name", "")
	if _, disabled := control.Attr("disabled"); disabled {
		return
	}
	f.fields[name] = true
	switch goquery.NodeName(control) {
	case "textarea":
		f.values.Add(name, control.Text())
	case "select":
		chosen := control.Find("option[selected]")
		if chosen.Length() == 0 {
			chosen = control.Find("option").First()
		}
		chosen.Each(func(_ int, option *goquery.Selection) {
			f.values.Add(name, option.AttrOr("value", option.Text()))
		})
	case "input":
		_, checked := control.Attr("checked")
		switch control.AttrOr("type", "text") {
		case "checkbox", "radio":
			if checked {
				f.values.Add(name, control.AttrOr("value", "on"))
			}
		case "submit", "button", "image", "file", "reset":
		default:
			f.values.Add(name, control.AttrOr("value", ""))
		}
	}
}

// Fill gives a field a value, and fails the test at once when the form has no
// such field. It returns f.
func (f *Form) Fill(name, value string) *Form {
	f.page.client.t.Helper()
	if !f.fields[name] {
		f.page.client.t.Fatalf("the form of %s has no field %q", f.page.URL(), name)
	}
	f.values.Set(name, value)
	return f
}

// Submit sends the form as a browser does and follows redirects.
func (f *Form) Submit() *Page {
	f.page.client.t.Helper()
	if f.method == http.MethodGet {
		target, _, _ := strings.Cut(f.action, "?")
		return f.page.client.Get(target + "?" + f.values.Encode())
	}
	return f.page.client.Post(f.action, f.values)
}
