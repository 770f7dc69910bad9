package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/paging"
	"github.com/covetgo/covet/app/web"
)

func TestListRequest(t *testing.T) {
	t.Parallel()
	e := echo.New()
	e.Renderer = &web.Renderer{Key: []byte("key")}
	for address, want := range map[string]paging.Request{
		"/posts":                          {Limit: 20, Key: []byte("key")},
		"/posts?cursor=last&q=a+b&page=2": {Limit: 20, Key: []byte("key"), Cursor: "last", Search: "a b"},
	} {
		c := e.NewContext(httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil), httptest.NewRecorder())
		if diff := cmp.Diff(want, web.ListRequest(c, 20)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", address, diff)
		}
	}
}
