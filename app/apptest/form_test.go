package apptest_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
)

const choices = `<form method="post" action="/choices">
	<input type="checkbox" name="tags" value="1" checked> <input type="checkbox" name="tags" value="2">
	<input type="checkbox" name="tags" value="3">
	<input type="checkbox" name="agreed" value="true" checked>
	<input type="radio" name="size" value="s" checked> <input type="radio" name="size" value="l">
	<select name="status"><option value="draft">Draft</option><option value="live">Live</option>
		<option value="gone" disabled>Gone</option></select>
	<select name="many" multiple><option>X</option><option>Y</option><option>Z</option></select>
	<input name="line" value="a"> <input name="line" value="b"></form>`

const upload = `<form method="post" action="/upload" enctype="multipart/form-data">
	<input name="title" value="T"> <input type="checkbox" name="tags" value="1" checked>
	<input type="checkbox" name="tags" value="2" checked>
	<input type="file" name="cover"> <input type="file" name="pages" multiple></form>
	<form method="post" action="/plain"><input type="file" name="cover"></form>`

// newForms is an application that answers what it was sent.
func newForms(cfg config) (*covet.App, error) {
	a, err := newApp(cfg)
	if err != nil {
		return nil, err
	}
	a.Echo.GET("/choices", func(c echo.Context) error { return c.HTML(http.StatusOK, choices) })
	a.Echo.POST("/choices", func(c echo.Context) error {
		values, err := c.FormParams()
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, values)
	})
	a.Echo.GET("/upload", func(c echo.Context) error { return c.HTML(http.StatusOK, upload) })
	a.Echo.POST("/upload", handleUpload)
	a.Echo.Any("/json", func(c echo.Context) error {
		body, err := io.ReadAll(c.Request().Body)
		if err != nil {
			return err
		}
		r := c.Request()
		return c.JSON(http.StatusOK, map[string]string{
			"method": r.Method, "body": string(body), "type": r.Header.Get("Content-Type"), "accept": r.Header.Get("Accept"),
			"authorization": r.Header.Get("Authorization"), "cookie": r.Header.Get("Cookie"),
			"site": r.Header.Get("Sec-Fetch-Site"),
		})
	})
	return a, nil
}

// handleUpload answers the fields of a multipart form, and its files as name, type and content.
func handleUpload(c echo.Context) error {
	form, err := c.MultipartForm()
	if err != nil {
		return err
	}
	got := form.Value
	for name, files := range form.File {
		for _, header := range files {
			file, err := header.Open()
			if err != nil {
				return err
			}
			content, err := io.ReadAll(file)
			if err != nil {
				return err
			}
			got[name] = append(got[name], fmt.Sprintf("%s %s %s", header.Filename, header.Header.Get("Content-Type"), content))
		}
	}
	return c.JSON(http.StatusOK, got)
}

func TestUpload(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, newForms).Client()
	var got map[string][]string
	client.Upload(http.MethodPost, "/upload", "cover", "a b.png", []byte("PNG")).MustStatus(http.StatusOK).JSON(&got)
	if diff := cmp.Diff(map[string][]string{"cover": {"a b.png application/octet-stream PNG"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFillChoices(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, newForms).Client()
	untouched := map[string][]string{
		"tags": {"1"}, "agreed": {"true"}, "size": {"s"},
		"status": {"draft"}, "line": {"a", "b"},
	}
	filled := map[string][]string{"tags": {"2", "3"}, "size": {"l"}, "status": {"live"}, "many": {"X", "Z"}, "line": {"c"}}
	for want, fill := range map[*map[string][]string]func(*apptest.Form) *apptest.Form{
		&untouched: func(f *apptest.Form) *apptest.Form { return f },
		&filled: func(f *apptest.Form) *apptest.Form {
			return f.Fill("tags", "2", "3").Fill("agreed").Fill("size", "l").Fill("status", "live").
				Fill("many", "X", "Z").Fill("line", "c")
		},
	} {
		var got map[string][]string
		fill(client.Get("/choices").Form("/choices")).Submit().MustStatus(http.StatusOK).JSON(&got)
		if diff := cmp.Diff(*want, got); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	}
}

func TestAttach(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, newForms).Client()
	var got map[string][]string
	client.Get("/upload").Form("/upload").Fill("tags", "2").
		Attach("cover", "first.png", []byte("lost")).Attach("cover", `a "b".png`, []byte("PNG")).
		Attach("pages", "1.txt", []byte("one")).Attach("pages", "2.unknown", nil).
		Submit().MustStatus(http.StatusOK).JSON(&got)
	want := map[string][]string{
		"title": {"T"}, "tags": {"2"}, "cover": {`a "b".png image/png PNG`},
		"pages": {"1.txt text/plain; charset=utf-8 one", "2.unknown application/octet-stream "},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	// A field that nobody touched is there, with no file in it.
	clear(got)
	client.Get("/upload").Form("/upload").Submit().MustStatus(http.StatusOK).JSON(&got)
	want = map[string][]string{"title": {"T"}, "tags": {"1", "2"}, "cover": {""}, "pages": {""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sent without files (-want +got):\n%s", diff)
	}
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	message string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.message = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// A test cannot send what a person could not.
func TestFormRefuses(t *testing.T) {
	t.Parallel()
	for want, do := range map[string]func(*apptest.Client){
		`has no field "nothing"`: func(c *apptest.Client) { c.Get("/choices").Form("/choices").Fill("nothing", "x") },
		`does not offer "9"`:     func(c *apptest.Client) { c.Get("/choices").Form("/choices").Fill("tags", "1", "9") },
		`does not offer "on"`:    func(c *apptest.Client) { c.Get("/choices").Form("/choices").Fill("agreed", "on") },
		`does not offer "xl"`:    func(c *apptest.Client) { c.Get("/choices").Form("/choices").Fill("size", "xl") },
		`does not offer "gone"`:  func(c *apptest.Client) { c.Get("/choices").Form("/choices").Fill("status", "gone") },
		`"status" of`: func(c *apptest.Client) {
			c.Get("/choices").Form("/choices").Fill("status", "draft", "live")
		},
		`"size" of`: func(c *apptest.Client) { c.Get("/choices").Form("/choices").Fill("size") },
		`requires 2 values for "line"`: func(c *apptest.Client) {
			c.Get("/choices").Form("/choices").Fill("line", "a", "b", "c")
		},
		`use Attach`: func(c *apptest.Client) { c.Get("/upload").Form("/upload").Fill("cover", "a.png") },
		`no field "title" for`: func(c *apptest.Client) {
			c.Get("/upload").Form("/upload").Attach("title", "a.png", nil)
		},
		`sends no files: it needs`: func(c *apptest.Client) { c.Get("/upload").Form("/plain").Attach("cover", "a.png", nil) },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			failing := &recorder{TB: t}
			client := apptest.New(failing, newForms).Client()
			done := make(chan struct{})
			go func() {
				defer close(done)
				do(client)
			}()
			<-done
			if !strings.Contains(failing.message, want) {
				t.Errorf("the test fails with %q", failing.message)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, newForms).Client()
	client.Post("/form", nil).MustStatus(http.StatusOK) // gives a cookie
	ask := func(c *apptest.Client, method string, body any) (got map[string]string) {
		c.JSON(method, "/json", body).MustStatus(http.StatusOK).JSON(&got)
		return got
	}
	browser := map[string]string{
		"method": "PUT", "body": `{"a":[1]}`, "type": "application/json", "accept": "application/json",
		"authorization": "", "cookie": "seen=yes", "site": "same-origin",
	}
	if diff := cmp.Diff(browser, ask(client, http.MethodPut, map[string][]int{"a": {1}})); diff != "" {
		t.Errorf("a browser sends (-want +got):\n%s", diff)
	}
	program := map[string]string{
		"method": "DELETE", "body": "", "type": "", "accept": "application/json", "authorization": "Bearer t0ken",
		"cookie": "", "site": "",
	}
	bearer := client.Bearer("t0ken")
	bearer.Post("/form", nil).MustStatus(http.StatusOK)
	if diff := cmp.Diff(program, ask(bearer, http.MethodDelete, nil)); diff != "" {
		t.Errorf("a program sends (-want +got):\n%s", diff)
	}
}
