package apptest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Client behaves like a browser: it stores cookies, follows redirects, and sends the headers of a browser (Origin,
// Referer, Sec-Fetch-*). It is not safe for concurrent use.
type Client struct {
	t     testing.TB
	base  *url.URL
	http  *http.Client
	token string // the Authorization header of a program; empty for a browser
}

// Client returns a client without cookies.
func (a *App) Client() *Client {
	a.t.Helper()
	base, err := url.Parse(a.URL)
	if err != nil {
		a.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return &Client{t: a.t, base: base, http: &http.Client{Jar: jar, Transport: a.Transport()}}
}

// Bearer returns another client, which acts as a program: it stores no cookies, and sends the access token with each
// request.
func (c *Client) Bearer(token string) *Client { return c.Authorization("Bearer " + token) }

// Authorization is like [Client.Bearer] for another scheme (see api.Scheme): it sends this Authorization header.
func (c *Client) Authorization(header string) *Client {
	return &Client{t: c.t, base: c.base, http: &http.Client{Transport: c.http.Transport}, token: header}
}

// Get requests a path of the application and follows redirects.
func (c *Client) Get(path string) *Page {
	c.t.Helper()
	return c.Do(c.request(http.MethodGet, path, nil))
}

// Post submits a form to a path and follows redirects.
func (c *Client) Post(path string, form url.Values) *Page {
	c.t.Helper()
	return c.send(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// JSON sends body as JSON to a path, and accepts JSON. A nil body sends none; a json.RawMessage is sent unchanged.
func (c *Client) JSON(method, path string, body any) *Page {
	c.t.Helper()
	r := c.request(method, path, nil)
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			c.t.Fatalf("%s %s: encoding %T: %v", method, path, body, err)
		}
		r = c.request(method, path, bytes.NewReader(content))
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept", "application/json")
	return c.Do(r)
}

func (c *Client) send(method, path, contentType string, body io.Reader) *Page {
	c.t.Helper()
	r := c.request(method, path, body)
	r.Header.Set("Content-Type", contentType)
	return c.Do(r)
}

// Do sends any request. Its URL may be a path of the application.
func (c *Client) Do(r *http.Request) *Page {
	c.t.Helper()
	r.URL = c.base.ResolveReference(r.URL)
	r.Host = ""
	if c.token != "" && r.Header.Get("Authorization") == "" {
		r.Header.Set("Authorization", c.token)
	}
	response, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	body, err := io.ReadAll(response.Body)
	if closeErr := response.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		c.t.Fatalf("%s %s: reading the response: %v", r.Method, r.URL, err)
	}
	return &Page{client: c, response: response, body: string(body)}
}

// request returns a request with the headers of a browser on a page of the application, or of a program.
func (c *Client) request(method, path string, body io.Reader) *http.Request {
	c.t.Helper()
	target, err := c.base.Parse(path)
	if err != nil {
		c.t.Fatalf("%q is not a path: %v", path, err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, target.String(), body)
	if err != nil {
		c.t.Fatal(err)
	}
	if c.token != "" {
		r.Header.Set("Accept", "application/json")
		return r
	}
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method != http.MethodGet {
		r.Header.Set("Origin", c.base.String())
	}
	return r
}

// Page is a response. Its selectors are CSS selectors.
type Page struct {
	client   *Client
	response *http.Response
	body     string
	document *goquery.Document
}

// Client returns the client that received the page.
func (p *Page) Client() *Client { return p.client }

// Status returns the status of the response.
func (p *Page) Status() int { return p.response.StatusCode }

// Header returns the headers of the response.
func (p *Page) Header() http.Header { return p.response.Header }

// URL returns the address of the page, after redirects.
func (p *Page) URL() *url.URL { return p.response.Request.URL }

// Body returns the whole response body.
func (p *Page) Body() string { return p.body }

// MustStatus fails the test immediately unless the page has this status. It returns p.
func (p *Page) MustStatus(status int) *Page {
	p.client.t.Helper()
	if p.Status() != status {
		p.client.t.Fatalf("%s %s: status %d, want %d; the body is:\n%s",
			p.response.Request.Method, p.URL(), p.Status(), status, p.body)
	}
	return p
}

// JSON decodes the body into v, a pointer.
func (p *Page) JSON(v any) *Page {
	p.client.t.Helper()
	if err := json.Unmarshal([]byte(p.body), v); err != nil {
		p.client.t.Fatalf("%s: the body is not JSON of a %T: %v\n%s", p.URL(), v, err, p.body)
	}
	return p
}

// Find returns the elements that a selector matches.
func (p *Page) Find(selector string) *goquery.Selection {
	p.client.t.Helper()
	if p.document == nil {
		document, err := goquery.NewDocumentFromReader(strings.NewReader(p.body))
		if err != nil {
			p.client.t.Fatalf("%s: reading the page: %v", p.URL(), err)
		}
		p.document = document
	}
	return p.document.Find(selector)
}

// Text returns the text of the elements that a selector matches, with white space collapsed, or "".
func (p *Page) Text(selector string) string {
	p.client.t.Helper()
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// Attr returns an attribute of the first element that a selector matches, or "".
func (p *Page) Attr(selector, name string) string {
	p.client.t.Helper()
	return p.Find(selector).AttrOr(name, "")
}

// Click follows the link with this text.
func (p *Page) Click(text string) *Page {
	p.client.t.Helper()
	link := p.Find("a[href]").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Join(strings.Fields(s.Text()), " ") == text
	}).First()
	href, ok := link.Attr("href")
	if !ok {
		p.client.t.Fatalf("%s has no link %q", p.URL(), text)
	}
	return p.client.Get(p.resolve(href))
}

func (p *Page) resolve(reference string) string {
	p.client.t.Helper()
	target, err := p.URL().Parse(reference)
	if err != nil {
		p.client.t.Fatalf("%s: %q is not a valid address: %v", p.URL(), reference, err)
	}
	return target.String()
}

// Upload sends one file to an endpoint as multipart/form-data, in the part called name, and accepts JSON. The server
// detects the type by the content.
func (c *Client) Upload(method, path, part, fileName string, content []byte) *Page {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile(part, fileName)
	if err == nil {
		_, err = file.Write(content)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		c.t.Fatalf("%s %s: writing the part %q: %v", method, path, part, err)
	}
	r := c.request(method, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept", "application/json")
	return c.Do(r)
}
