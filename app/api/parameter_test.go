package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
)

func TestParameters(t *testing.T) {
	t.Parallel()
	type input struct {
		ID     int64     `path:"id" minimum:"1"`
		Name   string    `path:"name"`
		Q      string    `query:"q" maxLength:"3"`
		N      *int      `query:"n" maximum:"5"`
		Size   uint8     `query:"size" default:"7"`
		Tags   []string  `query:"tag" maxItems:"2" enum:"a,b,c"`
		Since  time.Time `query:"since"`
		Key    string    `header:"X-Key" required:"true"`
		Langs  []string  `header:"X-Langs"`
		Cookie string    `cookie:"theme" enum:"light,dark"`
	}
	type output struct{ Body input }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Get(a, "/things/{id}/{name}", func(_ context.Context, in *input) (*output, error) { return &output{*in}, nil })
	}))
	var got input
	call(t, a, "GET", "/api/things/7/a%2Fb?q=xyz&n=5&tag=a&tag=b&since=2026-01-02T03:04:05Z&other=1", "",
		"", "X-Key: k", "X-Langs: de, en", "X-Langs: fr", "Cookie: theme=dark").
		MustStatus(http.StatusOK).JSON(&got)
	if got.ID != 7 || got.Name != "a/b" || got.Q != "xyz" || *got.N != 5 || got.Size != 7 || len(got.Tags) != 2 ||
		got.Since.Year() != 2026 || len(got.Langs) != 3 || got.Cookie != "dark" {
		t.Errorf("input = %+v", got)
	}
	tests := []struct {
		path     string
		status   int
		pointers []string
	}{
		{"/api/things/0/x", 422, []string{"/X-Key", "/id"}},
		{
			"/api/things/hunter2/x?q=hunter2&n=6&size=256&tag=a&tag=b&tag=c&since=hunter2",
			422,
			[]string{"/X-Key", "/id", "/n", "/q", "/since", "/size", "/tag"},
		},
		{"/api/things/1/x?tag=a&tag=hunter2&q=a&q=b&n=", 422, []string{"/X-Key", "/q", "/tag/1"}},
		{"/api/things/1/x%00?q=%ff", 422, []string{"/X-Key", "/name", "/q"}},
		{"/api/things/99999999999999999999/x?q=%zz", 400, nil},
	}
	for _, tt := range tests {
		page := call(t, a, "GET", tt.path, "", "")
		refused(t, page, tt.status, tt.pointers...)
		if strings.Contains(page.Body(), "hunter2") {
			t.Errorf("the value is repeated: %s", page.Body())
		}
	}
}
