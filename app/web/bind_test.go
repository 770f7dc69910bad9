package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	covetmodels "github.com/covetgo/covet/models"
)

// everything has a field of every type, plain and as a pointer.
type everything struct {
	Text    string            `form:"text"`
	Int     int32             `form:"int"`
	Big     int64             `form:"big"`
	Count   uint16            `form:"count"`
	Float   float64           `form:"float"`
	Price   decimal.Decimal   `form:"price"`
	Bool    bool              `form:"bool"`
	Day     covetmodels.Date  `form:"day"`
	Time    time.Time         `form:"time"`
	UUID    uuid.UUID         `form:"uuid"`
	JSON    json.RawMessage   `form:"json"`
	TagIDs  []int64           `form:"tag_ids" uniqueItems:"true" maxItems:"3"`
	Words   []string          `form:"words"`
	PText   *string           `form:"p_text"`
	PInt    *int32            `form:"p_int"`
	PFloat  *float64          `form:"p_float"`
	PPrice  *decimal.Decimal  `form:"p_price"`
	PBool   *bool             `form:"p_bool"`
	PDay    *covetmodels.Date `form:"p_day"`
	PTime   *time.Time        `form:"p_time"`
	PUUID   *uuid.UUID        `form:"p_uuid"`
	Ignored string
}

func bind[T any](t *testing.T, values url.Values, form *T) (validate.Errors, echo.Context) {
	t.Helper()
	c, _ := newContext(&web.Renderer{}, post("/", urlencoded, values.Encode()))
	errs, err := web.Bind(c, form)
	if err != nil {
		t.Fatal(err)
	}
	return errs, c
}

func pointer[T any](v T) *T { return &v }

func TestBindTypes(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("123e4567-e89b-42d3-a456-426614174000")
	at := time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)
	day := covetmodels.NewDate(2026, 3, 31)
	price := decimal.RequireFromString("12345678901234567890.10")
	var got everything
	errs, _ := bind(t, url.Values{
		"text": {" a "}, "int": {" 42 "}, "big": {"9007199254740993"}, "count": {"7"}, "float": {"-1.5e3"},
		"price": {"12345678901234567890.10"},
		"bool":  {"on"}, "day": {"2026-03-31"}, "time": {"2026-03-31T18:30"}, "uuid": {id.String()},
		"json":    {`{"n": 12345678901234567890}`},
		"tag_ids": {"", "3", " 9 "}, "words": {"a", "", "b"}, "p_text": {"x"}, "p_int": {"0"}, "p_float": {"0"},
		"p_price": {"0.5"}, "p_bool": {"false"},
		"p_day": {"2026-03-31"}, "p_time": {"2026-03-31T20:30:00+02:00"}, "p_uuid": {id.String()}, "Ignored": {"x"},
	}, &got)
	want := everything{
		Text: "a", Int: 42, Big: 9007199254740993, Count: 7, Float: -1500, Price: price,
		Bool: true, Day: day, Time: at, UUID: id,
		JSON: json.RawMessage(`{"n":12345678901234567890}`), TagIDs: []int64{3, 9}, Words: []string{"a", "b"},
		PText: pointer("x"), PInt: pointer(int32(0)), PFloat: pointer(0.0), PPrice: pointer(decimal.RequireFromString("0.5")),
		PBool: pointer(false),
		PDay:  &day, PTime: &at, PUUID: &id,
	}
	if diff := cmp.Diff(want, got); diff != "" || len(errs) > 0 {
		t.Errorf("errors %v, form (-want +got):\n%s", errs, diff)
	}
}

// What is empty is nothing: the zero value, or nil.
func TestBindNothing(t *testing.T) {
	t.Parallel()
	got := everything{
		Bool:   true,
		Text:   "kept",
		TagIDs: []int64{1},
		Int:    5,
		PInt:   pointer(int32(5)),
		Day:    covetmodels.NewDate(2026, 1, 1),
		Price:  decimal.New(5, 0),
	}
	values := url.Values{}
	for _, name := range []string{
		"int", "p_text", "p_int", "p_float", "p_price", "p_bool", "p_day", "p_time",
		"p_uuid", "day", "price", "time", "uuid", "json", "float",
	} {
		values[name] = []string{"  "}
	}
	errs, _ := bind(t, values, &got)
	if diff := cmp.Diff(everything{Text: "kept"}, got); diff != "" || len(errs) > 0 {
		t.Errorf("errors %v, form (-want +got):\n%s", errs, diff)
	}
}

// Text of the wrong form is a fault of its field, with all others, and no 400.
func TestBindFaults(t *testing.T) {
	t.Parallel()
	type faulty struct {
		everything
		Name  string `form:"name" required:"true"`
		Age   int    `form:"age" minimum:"18"`
		Inner struct {
			N int `form:"n" minimum:"1"`
		} `json:"inner"`
		Must *decimal.Decimal `form:"must" required:"true"`
	}
	var got faulty
	errs, c := bind(t, url.Values{
		"int": {"3000000000"}, "big": {"1.5"}, "count": {"-1"}, "float": {"NaN"}, "price": {"1,50"}, "bool": {"maybe"},
		"day":  {"2026-02-30"},
		"time": {"tomorrow"}, "uuid": {"{123e4567-e89b-42d3-a456-426614174000}"}, "json": {`{"a":1,"a":2}`},
		"tag_ids": {"1", "x", "x"}, "age": {"hunter2"},
		"n": {"x"}, "must": {"1e999999999"}, "p_time": {"0000-01-01T00:00"}, "p_day": {"0999-12-31"},
	}, &got)
	want := validate.Errors{
		"int": "This number is too large.", "big": "Enter a whole number.", "count": "This number is too small.",
		"float": "Enter a number.",
		"price": "Enter a number.", "bool": "Choose yes or no.", "day": "Enter a date.", "time": "Enter a date and time.",
		"uuid": "Enter a UUID.",
		"json": "This is not valid JSON.", "tag_ids": "Enter a whole number.", "age": "Enter a whole number.",
		"name":    "Please fill this in.",
		"inner.n": "Enter a whole number.", "must": "Enter a number.", "p_time": "Enter a date and time.",
		"p_day": "Enter a date.",
	}
	if diff := cmp.Diff(want, errs); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(faulty{}, got, cmp.AllowUnexported(faulty{})); diff != "" {
		t.Errorf("faulty text is bound (-want +got):\n%s", diff)
	}
	if values := web.Values(c); values.Get("age") != "hunter2" || !cmp.Equal(values["tag_ids"], []string{"1", "x", "x"}) {
		t.Errorf("values = %v", values)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	c, _ := newContext(&web.Renderer{}, post("/?name=query", urlencoded, "name=+Ada&other=1"))
	if values := web.Values(c); len(values) != 0 {
		t.Errorf("before Bind there is %v", values)
	}
	var first, second form
	for _, f := range []*form{&first, &second} { // the body is read once
		if errs, err := web.Bind(c, f); err != nil || len(errs) > 0 || f.Name != "Ada" {
			t.Fatal(errs, err, f)
		}
	}
	if diff := cmp.Diff(url.Values{"name": {" Ada"}, "other": {"1"}}, web.Values(c)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// What no text can be is an error of the program.
func TestBindRefusesTypes(t *testing.T) {
	t.Parallel()
	for _, dst := range []any{
		&struct {
			M map[string]string `form:"m"`
		}{}, &struct {
			C chan int `form:"c"`
		}{}, &struct {
			S struct{ A int } `form:"s"`
		}{}, &struct{ *form }{},
		form{},
		new(int), (*form)(nil),
		&struct {
			F web.File `form:"f" maxSize:"big"`
		}{},
	} {
		c, _ := newContext(&web.Renderer{}, parts(t, map[string]string{"a": "b"}))
		if _, err := web.Bind(c, dst); problem.From(err) == nil ||
			problem.From(err).Status != http.StatusInternalServerError {
			t.Errorf("%T is bound, %v", dst, err)
		}
	}
}

type uploads struct {
	Title  string      `form:"title" required:"true"`
	Cover  *web.File   `form:"cover" required:"true" maxSize:"1KiB" accept:"image/png"`
	Scans  []*web.File `form:"scans" maxItems:"2" accept:"image/*"`
	Thumb  *web.File   `form:"thumb"`
	Plain  web.File    `form:"plain"`
	Hidden *web.File
}

// largePNG is the header of an image of 50000×50000 pixels.
const largePNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\b\x00\x00\x00\x00\x6e\xc4\x62\x16"

var png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x00\x00\x00\x00:~\x9bU" + strings.Repeat("x", 100)

// parts makes a form with files: a name with a colon is that of a field and a file.
func parts(t *testing.T, values map[string]string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, text := range values {
		field, file, isFile := strings.Cut(name, ":")
		part, err := w.CreateFormField(field)
		if isFile {
			part, err = w.CreateFormFile(field, file)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return post("/", w.FormDataContentType(), b.String())
}

// Threat: a disk filled with files that nobody removes.
func TestBindFiles(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	r := parts(t, map[string]string{
		"title": " Hi ", "cover:../../a/b.png": png, "scans:1.png": png, "scans:2.png": png,
		"thumb:": "", "other:c.bin": "\x00\xff", "Hidden:d.png": png, "plain:e.txt": "text",
	})
	c, _ := newContext(&web.Renderer{}, r.WithContext(ctx))
	var got uploads
	errs, err := web.Bind(c, &got)
	if err != nil || len(errs) > 0 {
		t.Fatal(errs, err)
	}
	if got.Title != "Hi" || got.Cover.Name != "b.png" && got.Cover.Name != "....ab.png" ||
		got.Cover.ContentType != "image/png" || len(got.Scans) != 2 || got.Thumb != nil ||
		got.Hidden != nil || got.Plain.Size != 4 {
		t.Errorf("form = %+v, cover %+v", got, got.Cover)
	}
	file, err := got.Cover.Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	path := file.Name()
	_ = file.Close()
	if err != nil || string(content) != png {
		t.Errorf("content = %q, %v", content, err)
	}
	if c.Request().PostFormValue("title") != " Hi " || len(web.Values(c)["cover"]) != 0 {
		t.Errorf("values = %v", web.Values(c))
	}
	end()
	missingFile(t, path)
}

// missingFile waits until there is no such file.
func missingFile(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the file is still there after the request")
		}
	}
}

// Threats: a script that its header calls an image; memory filled with text.
func TestBindFaultyFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sent map[string]string
		want validate.Errors
	}{
		"no file":    {map[string]string{"title": "x"}, validate.Errors{"cover": "Please fill this in."}},
		"not chosen": {map[string]string{"title": "x", "cover:": ""}, validate.Errors{"cover": "Please fill this in."}},
		"text":       {map[string]string{"title": "x", "cover": "png"}, validate.Errors{"cover": "Choose a file."}},
		"script": {
			map[string]string{"title": "x", "cover:a.png": "<script>"},
			validate.Errors{"cover": "This must be a file of one of these types: image/png."},
		},
		"large": {
			map[string]string{"cover:a.png": png + strings.Repeat("x", 1000)},
			validate.Errors{"title": "Please fill this in.", "cover": "This file is larger than 1 KB."},
		},
		"pixels": {
			map[string]string{"title": "x", "cover:a.png": largePNG},
			validate.Errors{"cover": "This image has 50,000 × 50,000 pixels, and at most 50,000,000 pixels are allowed."},
		},
		"many": {
			map[string]string{"title": "x", "cover:a.png": png, "scans:1": png, "scans:2": png, "scans:3": png},
			validate.Errors{"scans": "These are too many: at most 2 items."},
		},
	} {
		c, _ := newContext(&web.Renderer{}, parts(t, tt.sent))
		errs, err := web.Bind(c, new(uploads))
		if diff := cmp.Diff(tt.want, errs); diff != "" || err != nil {
			t.Errorf("%s: %v, errors (-want +got):\n%s", name, err, diff)
		}
	}
	for name, tt := range map[string]struct {
		request *http.Request
		want    int
	}{
		"too much text": {parts(t, map[string]string{"title": strings.Repeat("x", 2<<20)}), 413},
		"cut off": {post("/", "multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nx"), 400},
		"no boundary": {post("/", "multipart/form-data", "x"), 400},
	} {
		c, _ := newContext(&web.Renderer{}, tt.request)
		_, err := web.Bind(c, new(uploads))
		if p := problem.From(err); p == nil || p.Status != tt.want {
			t.Errorf("%s: %v, want %d", name, err, tt.want)
		}
	}
}

// What reads the form before Bind, as middleware may, takes nothing away.
func TestBindAfterNetHTTP(t *testing.T) {
	t.Parallel()
	r := parts(t, map[string]string{"title": "Hi", "cover:a.png": png})
	if r.FormValue("title") != "Hi" {
		t.Fatal("net/http does not read the form")
	}
	c, _ := newContext(&web.Renderer{}, r)
	var got uploads
	if errs, err := web.Bind(c, &got); err != nil || len(errs) > 0 || got.Title != "Hi" ||
		got.Cover.Size != int64(len(png)) {
		t.Errorf("form = %+v, %v, %v", got, errs, err)
	}
}

// The server's own end of a request removes the files, whatever the handler does.
func TestFilesEndWithTheRequest(t *testing.T) {
	t.Parallel()
	paths := make(chan string, 1)
	e := echo.New()
	e.POST("/", func(c echo.Context) error {
		var f uploads
		if _, err := web.Bind(c, &f); err != nil {
			return err
		}
		file, err := f.Cover.Open()
		if err != nil {
			return err
		}
		paths <- file.Name()
		return file.Close()
	})
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	r := parts(t, map[string]string{"title": "x", "cover:a.png": png})
	response, err := http.Post(server.URL, r.Header.Get("Content-Type"), r.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	_ = response.Body.Close()
	missingFile(t, <-paths)
}
