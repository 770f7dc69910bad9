package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/problem"
)

func TestForms(t *testing.T) {
	t.Parallel()
	type flat struct {
		Name  string   `json:"name" required:"true" maxLength:"5"`
		Age   *int     `json:"age,omitempty" minimum:"1"`
		Count int      `json:"count" required:"true"`
		On    bool     `json:"on"`
		Tags  []string `json:"tags" maxItems:"2"`
		Rate  float64  `json:"rate"`
	}
	type input struct{ Body flat }
	type output struct{ Body flat }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/flat", func(_ context.Context, in *input) (*output, error) { return &output{in.Body}, nil })
	}))
	const form = "application/x-www-form-urlencoded"
	var got flat
	call(t, a, "POST", "/api/flat", form, "name=Ada&age=&count=0&on=on&tags=a&tags=b&rate=1.5").MustStatus(200).JSON(&got)
	if got.Name != "Ada" || got.Age != nil || !got.On || len(got.Tags) != 2 || got.Rate != 1.5 {
		t.Errorf("form = %+v", got)
	}
	invalid := "name=hunter2&age=0&count=&tags=a&tags=b&tags=c&rate=NaN&admin=1"
	refused(t, call(t, a, "POST", "/api/flat", form, invalid), 422, "/admin", "/age", "/count", "/name", "/rate", "/tags")
	refused(t, call(t, a, "POST", "/api/flat", form, "name=a%00&count=x&on=maybe&rate=1e999"), 422, "/count",
		"/name", "/on", "/rate")
	refused(t, call(t, a, "POST", "/api/flat", form, "name=%zz"), 400, "")
	refused(t, call(t, a, "POST", "/api/flat", form, ""), 400, "")
	refused(t, call(t, a, "POST", "/api/flat", form, ` {"name":"hunter2"}`), 400, "")
	refused(t, call(t, a, "POST", "/api/flat", form, "name=a&name=b&count=1"), 422, "/name")
	// A body that is not flat takes no form.
	refused(t, call(t, echoApp(t), "POST", "/api/echo", form, "name=Ada"), 415)
}

func TestCBOR(t *testing.T) {
	t.Parallel()
	a := echoApp(t)
	encode := func(v any) string {
		data, err := cbor.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	body := encode(map[string]any{"name": "Ada", "password": "abc", "age": 36, "score": 1.5})
	page := call(t, a, "POST", "/api/echo", "application/cbor", body, "Accept: application/cbor").MustStatus(200)
	var got map[string]any
	if err := cbor.Unmarshal([]byte(page.Body()), &got); err != nil || got["name"] != "Ada" || got["age"] != uint64(36) {
		t.Errorf("echo = %v, %v", got, err)
	}
	if page.Header().Get("Content-Type") != "application/cbor" ||
		!strings.Contains(strings.Join(page.Header().Values("Vary"), ","), "Accept") {
		t.Errorf("headers = %v", page.Header())
	}
	for accept, want := range map[string]string{
		"": "json", "*/*": "json", "application/cbor;q=0.5, application/json": "json",
		"application/json;q=0.5, application/cbor": "cbor", "application/cbor;q=0": "json",
		"application/*, application/cbor": "json",
	} {
		page := call(t, a, "POST", "/api/echo", "application/cbor", body, "Accept: "+accept)
		if got := page.Header().Get("Content-Type"); got != "application/"+want {
			t.Errorf("Accept %q gets %s", accept, got)
		}
	}
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"not CBOR":       {"\xff", 400},
		"cut off":        {body[:len(body)-3], 400},
		"behind the end": {body + "\x00", 400},
		"name twice":     {"\xa2\x64name\x63Ada\x64name\x63Ada", 400},
		"name no text":   {"\xa1\x01\x01", 400},
		"deep":           {strings.Repeat("\x81", 10000) + "\x01", 400},
		"bomb":           {"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", 400},
		"invalid UTF-8":  {"\xa1\x64name\x61\xff", 400},
		"indefinite":     {"\xbf\xff", 400},
		"NaN":            {"\xa1\x65score\xf9\x7e\x00", 400},
		"unknown tag":    {"\xa1\x64name\xd9\xff\x00\x61a", 400},
		"wrong type":     {encode(map[string]any{"name": 1, "password": "abc"}), 422},
		"empty":          {"", 400},
	} {
		page := call(t, a, "POST", "/api/echo", "application/cbor", tt.body)
		if page.Status() != tt.status || page.Header().Get("Content-Type") != problem.ContentType {
			t.Errorf("%s: %d %s", name, page.Status(), page.Body())
		}
	}
}

// upload is one part of a multipart form.
type upload struct{ field, name, contentType, content string }

func form(t *testing.T, parts ...upload) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		header := textproto.MIMEHeader{}
		disposition := fmt.Sprintf("form-data; name=%q", p.field)
		if p.name != "" {
			disposition += fmt.Sprintf("; filename=%q", p.name)
		}
		header.Set("Content-Disposition", disposition)
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		part, err := w.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// largePNG is the header of an image of 50000×50000 pixels.
const largePNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\b\x00\x00\x00\x00\x6e\xc4\x62\x16"

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x00\x00\x00\x00:~\x9bU rest"

// Threats: a script that its header calls an image; a disk filled with uploads; a
// name that leads out of a folder.
func TestUploads(t *testing.T) {
	t.Parallel()
	type input struct {
		Body struct {
			Title string     `json:"title" required:"true" maxLength:"5"`
			Image api.File   `json:"image" required:"true" maxSize:"1KiB" accept:"image/png,image/jpeg"`
			Scans []api.File `json:"scans" maxItems:"2" accept:"image/*"`
			Note  *api.File  `json:"note"`
		}
	}
	type output struct {
		Body struct{ Name, Type, Content, Path string }
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/upload", func(_ context.Context, in *input) (*output, error) {
			f, err := in.Body.Image.Open()
			if err != nil {
				return nil, err
			}
			defer f.Close()
			content, err := io.ReadAll(f)
			out := &output{}
			out.Body.Name, out.Body.Type = in.Body.Image.Name, in.Body.Image.ContentType
			out.Body.Content, out.Body.Path = string(content), f.Name()
			if _, openErr := (api.File{}).Open(); in.Body.Note != nil || openErr == nil {
				err = errors.New("a file that nobody sent")
			}
			return out, err
		})
	}))
	image := upload{"image", "../../a/b.png", "text/html", png}
	title := upload{"title", "", "", "Hi"}
	var got struct{ Name, Type, Content, Path string }
	contentType, body := form(t, title, image, upload{"scans", "1.png", "", png}, upload{"scans", "2.gif", "", "GIF89a\x01\x00\x01\x00\x00\x00\x00"},
		upload{"note", "", "", ""})
	call(t, a, "POST", "/api/upload", contentType, body).MustStatus(200).JSON(&got)
	if got.Name != "b.png" || got.Type != "image/png" || !strings.HasPrefix(got.Content, "\ufffdPNG") {
		t.Errorf("upload = %+v", got)
	}
	if _, err := os.Stat(got.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the upload is still there: %v", err)
	}
	tests := []struct {
		name     string
		status   int
		pointers []string
		parts    []upload
	}{
		{"no file", 422, []string{"/image"}, []upload{title}},
		{"nobody chose a file", 422, []string{"/image"}, []upload{title, {"image", "", "application/octet-stream", ""}}},
		{"text for a file", 422, []string{"/image"}, []upload{title, {"image", "", "", png}}},
		{
			"page called an image", 422,
			[]string{"/image"},
			[]upload{title, {"image", "a.png", "image/png", "<!doctype html><script>alert(1)</script>"}},
		},
		{"too large", 422, []string{"/image"}, []upload{
			title,
			{"image", "a.png", "image/png", png + strings.Repeat("x", 2000)},
		}},
		{"too many pixels", 422, []string{"/image"}, []upload{title, {"image", "a.png", "image/png", largePNG}}},
		{"too many", 422, []string{"/scans"}, []upload{
			title, image,
			{"scans", "1", "", png},
			{"scans", "2", "", png},
			{"scans", "3", "", png},
		}},
		{"two for one", 422, []string{"/image"}, []upload{title, image, image}},
		{"file for a text", 422, []string{"/extra"}, []upload{title, image, {"extra", "x", "", "x"}}},
		{
			"all at once", 422,
			[]string{"/image", "/title"},
			[]upload{{"title", "", "", "too long"}, {"image", "a", "", "text"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			contentType, body := form(t, tt.parts...)
			refused(t, call(t, a, "POST", "/api/upload", contentType, body), tt.status, tt.pointers...)
		})
	}
	refused(t, call(t, a, "POST", "/api/upload", "application/json", `{"title":"a","image":"0"}`), 415)
	refused(t, call(t, a, "POST", "/api/upload", "multipart/form-data", body), 400, "")
	refused(t, call(t, a, "POST", "/api/upload", contentType, body[:strings.Index(body, "PNG")]), 400)
	many := make([]upload, 1100)
	for i := range many {
		many[i] = upload{"title", "", "", "x"}
	}
	contentType, body = form(t, many...)
	refused(t, call(t, a, "POST", "/api/upload", contentType, body), 413)
	contentType, body = form(t, upload{"title", "", "", strings.Repeat("x", 2<<20)})
	refused(t, call(t, a, "POST", "/api/upload", contentType, body), 413)
}

// Threat: memory and disk filled by one client, whatever the type and the framing.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	type input struct {
		Body struct {
			Text string `json:"text"`
		}
	}
	type fileInput struct {
		Body struct {
			File api.File `json:"file"`
		}
	}
	type rawInput struct{ RawBody []byte }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/low", func(context.Context, *input) (*struct{}, error) { return nil, nil }, api.MaxBody(100))
		api.Post(a, "/usual", func(context.Context, *input) (*struct{}, error) { return nil, nil })
		api.Post(a, "/high", func(context.Context, *input) (*struct{}, error) { return nil, nil }, api.MaxBody(10_000))
		api.Post(a, "/file", func(context.Context, *fileInput) (*struct{}, error) { return nil, nil }, api.MaxBody(500))
		api.Post(a, "/raw", func(context.Context, *rawInput) (*struct{}, error) { return nil, nil }, api.MaxBody(100))
	}), apptest.Set("http.max_body", "1KiB"))
	tests := []struct {
		path   string
		size   int
		status int
	}{
		{"/low", 100, 204},
		{"/low", 101, 413},
		{"/usual", 1024, 204},
		{"/usual", 1025, 413},
		{"/high", 10_000, 204},
		{"/high", 10_001, 413},
		{"/file", 500, 204},
		{"/file", 501, 413},
		{"/raw", 100, 204},
		{"/raw", 101, 413},
	}
	for _, tt := range tests {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %d chunked %v", tt.path, tt.size, chunked), func(t *testing.T) {
				t.Parallel()
				text := strings.Repeat("x", max(0, tt.size-len(`{"text":""}`)))
				contentType, body := "application/json", fmt.Sprintf(`{"text":%q}`, text)
				switch tt.path {
				case "/file":
					_, empty := form(t, upload{"file", "a", "", ""})
					contentType, body = form(t, upload{"file", "a", "", strings.Repeat("x", tt.size-len(empty))})
				case "/raw":
					contentType, body = "application/octet-stream", strings.Repeat("x", tt.size)
				}
				r, err := http.NewRequestWithContext(t.Context(), "POST", "/api"+tt.path, io.NopCloser(strings.NewReader(body)))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", contentType)
				if r.ContentLength = int64(len(body)); chunked {
					r.ContentLength = -1
				}
				page := a.Client().Do(r)
				answered(t, page, tt.status)
				if tt.status == 413 {
					refused(t, page, 413)
				}
			})
		}
	}
}

// Threat: memory filled with what one body becomes, and answers larger than their questions.
func TestAmplification(t *testing.T) {
	t.Parallel()
	a := echoApp(t)
	list := strings.Repeat(`{"city":"far too long a name"},`, 20_000)
	page := call(t, a, "POST", "/api/echo", "application/json",
		`{`+minimal+`,"homes":[`+strings.TrimSuffix(list, ",")+`]}`)
	answered(t, page, 422)
	if len(page.Body()) > 20_000 {
		t.Errorf("the answer has %d bytes", len(page.Body()))
	}
	unknown := make([]string, 20_000)
	for i := range unknown {
		unknown[i] = fmt.Sprintf(`"x%d%s":1`, i, strings.Repeat("y", 20))
	}
	if page := call(t, a, "POST", "/api/echo", "application/json",
		`{`+strings.Join(unknown, ",")+`}`); page.Status() != 422 || len(page.Body()) > 20_000 {
		t.Errorf("%d with %d bytes", page.Status(), len(page.Body()))
	}
	refused(t, call(t, a, "POST", "/api/echo", "application/json", `{"any":[`+strings.Repeat("1,", 1<<20)+`1]}`), 413)
	flat := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/flat", func(context.Context, *struct {
			Body struct{ N []int }
		},
		) (*struct{}, error) {
			return nil, nil
		})
	}))
	for _, tt := range []struct{ contentType, body string }{
		{"application/json", `{"N":[` + strings.Repeat("1,", 500_000) + `1]}`},
		{"application/json", "[" + strings.Repeat("[],", 300_000) + "[]]"},
		{"application/cbor", "\x9a\x00\x0f\x00\x00" + strings.Repeat("\xa0", 0xf0000)},
		{"application/x-www-form-urlencoded", strings.Repeat("N=1&", 200_000)},
	} {
		page := call(t, flat, "POST", "/api/flat", tt.contentType, tt.body)
		if d := refused(t, page, 413); !strings.Contains(d.Detail, "50,000 values") {
			t.Errorf("%s: %q", tt.contentType, d.Detail)
		}
	}
}

func TestProvide(t *testing.T) {
	t.Parallel()
	type tenant struct {
		api.Actor
		Host  string `header:"X-Tenant" required:"true" maxLength:"5" doc:"the tenant"`
		Label string
	}
	type input struct{ Tenant tenant }
	type output struct{ Body string }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Provide(a, func(_ context.Context, t *tenant) error {
			if t.ID != "ada" {
				return errors.New("the actor is not there yet")
			}
			if t.Host != "acme" {
				return problem.NotFound("There is no such tenant.")
			}
			t.Label = "ACME"
			return nil
		}, http.StatusNotFound)
		api.Get(a, "/tenant", func(_ context.Context, in *input) (*output, error) { return &output{in.Tenant.Label}, nil })
	}))
	if got := call(t, a, "GET", "/api/tenant", "", "", "X-Tenant: acme",
		"X-Actor: ada").MustStatus(200).Body(); got != "\"ACME\"\n" {
		t.Errorf("tenant = %q", got)
	}
	refused(t, call(t, a, "GET", "/api/tenant", "", "", "X-Tenant: none", "X-Actor: ada"), 404)
	refused(t, call(t, a, "GET", "/api/tenant", "", "", "X-Tenant: toolong", "X-Actor: ada"), 422, "/X-Tenant")
	refused(t, call(t, a, "GET", "/api/tenant", "", "", "X-Actor: ada"), 422, "/X-Tenant")
	refused(t, call(t, a, "GET", "/api/tenant", "", ""), 401)
}
