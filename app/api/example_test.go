package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/problem"
)

type greetInput struct {
	Name string `path:"name" maxLength:"10" doc:"whom to greet"`
	Loud bool   `query:"loud"`
}

type greetOutput struct {
	Body struct {
		Greeting string `json:"greeting"`
	}
}

func greet(_ context.Context, in *greetInput) (*greetOutput, error) {
	if in.Name == "nobody" {
		return nil, problem.NotFound("There is nobody to greet.")
	}
	out := &greetOutput{}
	if out.Body.Greeting = "Hello " + in.Name; in.Loud {
		out.Body.Greeting = strings.ToUpper(out.Body.Greeting)
	}
	return out, nil
}

func exampleApp() *covet.App {
	cfg := covet.Config{Database: database.Config{URL: "sqlite::memory:"}}
	cfg.Log.Level = "error"
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		panic(err)
	}
	if err := a.Use(api.New(api.Config{}, api.Options{})); err != nil {
		panic(err)
	}
	return a
}

func show(a *covet.App, method, path string, headers ...string) {
	r := httptest.NewRequest(method, path, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
}

func ExampleGet() {
	a := exampleApp()
	api.Get(a, "/greetings/{name}", greet, api.Summary("Greet a person"))

	show(a, http.MethodGet, "/api/greetings/Ada?loud=true")
	show(a, http.MethodGet, "/api/greetings/Augusta%20Ada?loud=maybe")
	// Output:
	// 200 {"greeting":"HELLO ADA"}
	// 422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"Some of the input is invalid.","code":"invalid","errors":[{"pointer":"/loud","detail":"This must be true or false."},{"pointer":"/name","detail":"This is too long: at most 10 characters."}]}
}

// Locale is a request dependency: the language to answer in.
type Locale struct {
	Wanted string `header:"Accept-Language" maxLength:"100"`
	Hello  string
}

func ExampleProvide() {
	a := exampleApp()
	api.Provide(a, func(_ context.Context, l *Locale) error {
		if l.Hello = "Hello"; strings.HasPrefix(l.Wanted, "de") {
			l.Hello = "Hallo"
		}
		return nil
	})
	type input struct{ Locale }
	type output struct{ Body string }
	api.Get(a, "/hello", func(_ context.Context, in *input) (*output, error) { return &output{in.Hello}, nil })

	show(a, http.MethodGet, "/api/hello", "Accept-Language: de-AT")
	// Output: 200 "Hallo"
}

// Failure is how this API writes its errors.
type Failure struct {
	Errors struct {
		Body []string `json:"body"`
	} `json:"errors"`
}

func failure(p *problem.Error) Failure {
	var f Failure
	for _, fault := range p.Fields {
		f.Errors.Body = append(f.Errors.Body, strings.TrimPrefix(fault.Pointer, "/")+": "+fault.Detail)
	}
	if len(p.Fields) == 0 {
		f.Errors.Body = append(f.Errors.Body, p.Detail)
	}
	return f
}

func ExampleErrorShape() {
	a := exampleApp()
	v1 := api.NewGroup(a, "/v1", api.ErrorShape(failure), api.Scheme("Token"))
	api.Get(v1, "/greetings/{name}", greet)
	api.Delete(v1, "/greetings/{name}", greet, api.Permission("greetings.delete"))

	show(a, http.MethodGet, "/api/v1/greetings/nobody")
	show(a, http.MethodGet, "/api/v1/greetings/Augusta%20Ada")
	show(a, http.MethodDelete, "/api/v1/greetings/Ada") // with "WWW-Authenticate: Token"
	show(a, http.MethodPut, "/api/v1/greetings/Ada")
	show(a, http.MethodGet, "/api/v1/nowhere")
	// Output:
	// 404 {"errors":{"body":["There is nobody to greet."]}}
	// 422 {"errors":{"body":["name: This is too long: at most 10 characters."]}}
	// 401 {"errors":{"body":["Please sign in first."]}}
	// 405 {"errors":{"body":["This address does not support this method."]}}
	// 404 {"errors":{"body":["This page does not exist."]}}
}

func ExampleEnvelope() {
	a := exampleApp()
	type article struct {
		Title string   `json:"title" required:"true"`
		Tags  []string `json:"tags"`
	}
	type body struct{ Body article }
	api.Post(a, "/articles", func(_ context.Context, in *body) (*body, error) { return in, nil }, api.Envelope("article"))

	send(a, "/api/articles", `{"article":{"title":"Dragons"}}`)
	send(a, "/api/articles", `{"article":{"title":""}}`)
	send(a, "/api/articles", `{"title":"Dragons"}`)
	// Output:
	// 200 {"article":{"title":"Dragons","tags":[]}}
	// 422 [{/article/title Please fill this in.}]
	// 422 [{/article Please fill this in.} {/title This field does not exist.}]
}

// send posts JSON, and shows what comes back.
func send(a *covet.App, path, body string) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	var failed struct{ Errors []problem.Field }
	if err := json.Unmarshal(w.Body.Bytes(), &failed); err != nil || w.Code != http.StatusOK {
		fmt.Println(w.Code, failed.Errors)
		return
	}
	fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
}
