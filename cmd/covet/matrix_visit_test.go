//go:build matrix

package main_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

const (
	adminEmail    = "ada@example.com"
	adminPassword = "correct horse battery staple"
)

// visitor is a browser that uses an application.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
}

// visit makes an entry in every way that the application has, and finds it again.
func (a *project) visit(t *testing.T, base string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, base: base, client: &http.Client{Jar: jar}}
	if a.has("accounts.go") {
		if page := v.get("/entries"); strings.Contains(page, "New entry") {
			t.Errorf("visitors may make entries: %s", page)
		}
		v.submit("/login", url.Values{"email": {adminEmail}, "password": {adminPassword}})
	}
	v.submit("/entries/new", url.Values{"title": {"By a form"}, "pages": {"7"}, "status": {"live"}})
	v.finds("/entries?q=form", "By a form")
	if page := v.submitAgain("/entries/new", url.Values{"title": {""}, "pages": {"many"}}); !strings.Contains(page, `value="many"`) {
		t.Errorf("a faulty form does not show what was typed: %s", page)
	}
	if a.hasText("app.go", "api.New") {
		v.post("/api/entries", map[string]any{"title": "By a program", "pages": 8, "status": "draft"})
		v.finds("/api/entries", "By a program")
	}
	if a.has("admin.go") {
		v.submit("/admin/entries/new", url.Values{"title": {"By the team"}, "status": {"draft"}})
		v.finds("/admin/entries", "By the team")
	}
	v.finds("/entries", "By a form")
}

func (v *visitor) get(path string) string {
	v.t.Helper()
	return v.do(http.MethodGet, path, "text/html, application/json", "", nil)
}

func (v *visitor) finds(path, text string) {
	v.t.Helper()
	if body := v.get(path); !strings.Contains(body, text) {
		v.t.Errorf("%s does not show %q: %s", path, text, body)
	}
}

// post sends JSON.
func (v *visitor) post(path string, body any) {
	v.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.do(http.MethodPost, path, "application/json", "application/json", strings.NewReader(string(text)))
}

// submit fills in the form of a page and sends it, and holds that it was taken: what follows is another page.
func (v *visitor) submit(path string, values url.Values) {
	v.t.Helper()
	if page := v.submitAgain(path, values); strings.Contains(page, `aria-invalid="true"`) {
		v.t.Errorf("the form of %s is refused: %s", path, page)
	}
}

// submitAgain sends a form and returns the page that follows.
func (v *visitor) submitAgain(path string, values url.Values) string {
	v.t.Helper()
	page, err := goquery.NewDocumentFromReader(strings.NewReader(v.get(path)))
	if err != nil {
		v.t.Fatal(err)
	}
	form := page.Find(`main form[method="post"]`).Last()
	sent := formValues(form)
	for name, value := range values {
		if form.Find(fmt.Sprintf(`[name=%q]`, name)).Length() == 0 {
			v.t.Errorf("the form of %s has no %s", path, name)
		}
		sent[name] = value
	}
	action := form.AttrOr("action", path)
	return v.do(http.MethodPost, action, "text/html", "application/x-www-form-urlencoded", strings.NewReader(sent.Encode()))
}

// formValues are what a form holds.
func formValues(form *goquery.Selection) url.Values {
	values := url.Values{}
	form.Find("input, textarea, select").Each(func(_ int, control *goquery.Selection) {
		name, kind := control.AttrOr("name", ""), control.AttrOr("type", "")
		_, checked := control.Attr("checked")
		switch {
		case name == "", kind == "file", (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(control) == "select":
			values.Add(name, control.Find("option[selected]").AttrOr("value", ""))
		case goquery.NodeName(control) == "textarea":
			values.Add(name, control.Text())
		default:
			values.Add(name, control.AttrOr("value", "on"))
		}
	})
	return values
}

// do sends a request. Failures of the server fail the test.
func (v *visitor) do(method, path, accept, contentType string, body io.Reader) string {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if response.StatusCode >= http.StatusBadRequest && response.StatusCode != http.StatusUnprocessableEntity || (response.StatusCode >= 400 && contentType == "application/json") {
		v.t.Errorf("%s %s answered %s: %s", method, path, response.Status, text)
	}
	return string(text)
}
