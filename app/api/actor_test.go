package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
)

type meOutput struct {
	Body struct {
		Name  string `json:"name"`
		Known bool   `json:"known"`
	}
}

func TestActor(t *testing.T) {
	t.Parallel()
	type meInput struct {
		api.Actor
		Limit int `query:"limit" minimum:"1"`
	}
	type maybeInput struct{ api.OptionalActor }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Get(a, "/me", func(_ context.Context, in *meInput) (*meOutput, error) {
			out := &meOutput{}
			out.Body.Name = in.Name
			return out, nil
		})
		api.Get(a, "/maybe", func(_ context.Context, in *maybeInput) (*meOutput, error) {
			out := &meOutput{}
			out.Body.Name, out.Body.Known = in.Name, in.Known
			return out, nil
		})
		api.Post(a, "/posts", func(context.Context, *struct{ Body person }) (*struct{}, error) { return nil, nil },
			api.Permission("posts.create"))
		api.Put(a, "/me", func(context.Context, *meInput) (*struct{}, error) { return nil, nil })
		api.Get(a, "/who", func(context.Context, *meInput) (*struct{}, error) { return nil, nil }, api.AnyScope())
		api.Get(a, "/public", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	}))
	tests := []struct {
		name, method, path, actor string
		status                    int
	}{
		{"nobody", "GET", "/api/me", "", 401},
		{"nobody learns nothing else", "GET", "/api/me?limit=0", "", 401},
		{"unknown who", "GET", "/api/me", "broken", 503},
		{"revoked token", "GET", "/api/me", "revoked", 401},
		{"revoked token, optional", "GET", "/api/maybe", "revoked", 401},
		{"revoked token, permission", "POST", "/api/posts", "revoked", 401},
		{"a user", "GET", "/api/me", "ada", 200},
		{"HEAD", "HEAD", "/api/me", "ada", 200},
		{"nobody, optional", "GET", "/api/maybe", "", 200},
		{"unknown who, optional", "GET", "/api/maybe", "broken", 503},
		{"permission of nobody", "POST", "/api/posts", "", 401},
		{"permission of nobody known", "POST", "/api/posts", "broken", 503},
		{"permission of another user", "POST", "/api/posts", "ada", 403},
		{"permission, checked before the body", "POST", "/api/posts", "editor", 400},
		{"token for something else", "POST", "/api/posts", "editor posts.read", 403},
		{"token for it", "POST", "/api/posts", "editor posts.create", 400},
		{"token without scopes", "POST", "/api/posts", "editor -", 403},
		{"session, no permission named", "PUT", "/api/me", "editor", 204},
		{"narrow token, no permission named", "PUT", "/api/me", "editor posts.read", 403},
		{"wide token for posts, no permission named", "PUT", "/api/me", "editor posts.*", 403},
		{"token without scopes, no permission named", "PUT", "/api/me", "editor -", 403},
		{"token for everything, no permission named", "PUT", "/api/me", "editor posts.read *", 204},
		{"narrow token, refused before the parameters", "PUT", "/api/me?limit=0", "editor posts.read", 403},
		{"narrow token, optional", "GET", "/api/maybe", "editor posts.read", 403},
		{"narrow token, any scope", "GET", "/api/who", "editor posts.read", 204},
		{"nobody, any scope", "GET", "/api/who", "", 401},
		{"narrow token, nobody asks who", "GET", "/api/public", "editor posts.read", 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page := call(t, a, tt.method, tt.path, "", "", "X-Actor: "+tt.actor)
			answered(t, page, tt.status)
			if got := page.Header().Get("WWW-Authenticate"); (got == "Bearer") != (tt.status == 401) {
				t.Errorf("WWW-Authenticate = %q", got)
			}
			if strings.Contains(page.Body(), "secret") {
				t.Error(page.Body())
			}
			if got := page.Header().Get("Cache-Control"); tt.status == 200 && got != "no-store" {
				t.Errorf("Cache-Control = %q", got)
			}
		})
	}
	var got struct{ Name string }
	if call(t, a, "GET", "/api/me", "", "", "X-Actor: ada").JSON(&got); got.Name != "ada" {
		t.Errorf("me = %+v", got)
	}
}

// Threat: a cache that answers one person with what was meant for another.
func TestCaches(t *testing.T) {
	t.Parallel()
	type public struct {
		Cache string `header:"Cache-Control"`
		ETag  string `header:"ETag"`
		Body  string
	}
	type output struct{ Body string }
	type tenant struct{ api.OptionalActor }
	answer := func(context.Context, *struct{}) (*output, error) { return &output{"x"}, nil }
	choose := func(context.Context, *struct{}) (*public, error) {
		return &public{Cache: "public, max-age=60", Body: "x"}, nil
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Provide(a, func(context.Context, *tenant) error { return nil })
		api.Get(a, "/plain", answer)
		api.Get(a, "/nothing", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
		api.Get(a, "/permission", answer, api.Permission("posts.update"))
		api.Get(a, "/tenant", func(context.Context, *struct{ Tenant tenant }) (*output, error) { return &output{"x"}, nil })
		api.Get(a, "/public", choose)
		api.Get(a, "/chosen", choose, api.Permission("posts.update"))
	}))
	const private, who = "no-store", "Cookie, Authorization"
	tests := []struct{ path, header, cache, vary string }{
		{"/plain", "", private, "Accept"},
		{"/plain", "Cookie: a=b", private, who + ", Accept"},
		{"/plain", "Authorization: Bearer x", private, who + ", Accept"},
		{"/nothing", "", private, ""},
		{"/nothing", "Cookie: a=b", private, who},
		{"/permission", "", private, who + ", Accept"},
		{"/tenant", "", private, who + ", Accept"},
		{"/public", "", "public, max-age=60", "Accept"},
		{"/public", "Cookie: a=b", "public, max-age=60", "Accept"},
		{"/chosen", "", "public, max-age=60", who + ", Accept"},
	}
	for _, tt := range tests {
		headers := []string{"X-Actor: editor"}
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		h := call(t, a, "GET", "/api"+tt.path, "", "", headers...).Header()
		if cache, vary := h.Get("Cache-Control"), varyAccept(h); cache != tt.cache || vary != tt.vary {
			t.Errorf("%s %s: Cache-Control = %q, want %q; Vary = %q, want %q", tt.path, tt.header,
				cache, tt.cache, vary, tt.vary)
		}
	}
	etag := call(t, a, "GET", "/api/chosen", "", "", "X-Actor: editor").Header().Get("ETag")
	page := call(t, a, "GET", "/api/chosen", "", "", "X-Actor: editor", "If-None-Match: "+etag)
	if vary := strings.Join(page.Header().Values("Vary"), ", "); page.Status() != 304 || !strings.Contains(vary, who) {
		t.Errorf("not modified: %d, Vary = %q", page.Status(), vary)
	}
}

// varyAccept returns Vary without what the compression adds.
func varyAccept(h http.Header) string {
	return strings.TrimPrefix(strings.TrimPrefix(strings.Join(h.Values("Vary"), ", "), "Accept-Encoding"), ", ")
}
