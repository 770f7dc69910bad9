package api_test

import (
	"context"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

func TestInvalidRegistrations(t *testing.T) {
	t.Parallel()
	a, err := newApp(func(*covet.App) {})(config{Config: covet.Config{
		App:      covet.Application{DataDir: t.TempDir()},
		Database: database.Config{URL: "sqlite::memory:"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	type none struct{}
	get := func(path string, register func(string)) func() { return func() { register(path) } }
	tests := []struct {
		want string
		do   func()
	}{
		{"the path has the parameters [id]", get("/a/{id}",
			func(p string) { api.Get(a, p, func(context.Context, *none) (*none, error) { return nil, nil }) })},
		{"and the input [id]", get("/a", func(p string) {
			api.Get(a, p, func(context.Context, *struct {
				ID int `path:"id"`
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{
			"the path must have the form",
			get("a", func(p string) { api.Get(a, p, func(context.Context, *none) (*none, error) { return nil, nil }) }),
		},
		{"GET has no body", get("/b", func(p string) {
			api.Get(a, p, func(context.Context, *struct{ Body person }) (*none, error) { return nil, nil })
		})},
		{"it has no tag path", get("/c", func(p string) {
			api.Get(a, p, func(context.Context, *struct{ Q string }) (*none, error) { return nil, nil })
		})},
		{"format is unknown", get("/d", func(p string) {
			api.Post(a, p, func(context.Context, *struct {
				Body struct {
					A string `format:"nonsense"`
				}
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{"a parameter cannot be a *int", get("/e", func(p string) {
			api.Get(a, p, func(context.Context, *struct {
				A **int `query:"a"`
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{`default:"x" is no int`, get("/f", func(p string) {
			api.Get(a, p, func(context.Context, *struct {
				A int `query:"a" default:"x"`
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{"not called Status or Body", get("/g", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*struct{ Post person }, error) { return nil, nil })
		})},
		{"no JSON is a func", get("/h", func(p string) {
			api.Post(a, p, func(context.Context, *struct{ Body struct{ F func() } }) (*none, error) { return nil, nil })
		})},
		{"is not a permission", get("/i", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*none, error) { return nil, nil }, api.Permission("Posts Create"))
		})},
		{"field Body: field Hash of api_test.account is tagged secret", get("/j", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*struct{ Body account }, error) { return nil, nil })
		})},
		{"field Hash of api_test.account is tagged secret", get("/k", func(p string) {
			api.Post(a, p, func(context.Context, *struct{ Body *account }) (*none, error) { return nil, nil })
		})},
		{"field Hash of api_test.account is tagged secret", get("/l", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*struct{ Body map[string][]*member }, error) { return nil, nil })
		})},
		{"is provided twice", func() { api.Provide(a, func(context.Context, *api.Actor) error { return nil }) }},
		{"registered already", func() {
			for range 2 {
				api.Get(a, "/twice", func(context.Context, *none) (*none, error) { return nil, nil })
			}
		}},
	}
	for _, tt := range tests {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, tt.want) {
					t.Errorf("panic = %q, want %q in it", text, tt.want)
				}
			}()
			tt.do()
		}()
	}
	bare, err := covet.New(a.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = bare.Stop(t.Context())
		if text, _ := recover().(string); !strings.Contains(text, "a.Use(api.New") {
			t.Errorf("panic = %q", text)
		}
	}()
	api.Get(bare, "/x", func(context.Context, *none) (*none, error) { return nil, nil })
}
