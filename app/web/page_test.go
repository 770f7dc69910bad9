package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/web"
)

func TestPageNumber(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		"": 1, "page=1": 1, "page=7": 7, "page=0": 1, "page=-3": 1, "page=two": 1, "page=": 1, "page=2.5": 1,
		"page=99999999999999999999999": 1, "page=3&page=4": 3, "page=%202": 1,
	} {
		c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/?"+query, nil), httptest.NewRecorder())
		if got := web.PageNumber(c); got != want {
			t.Errorf("%q is page %d, want %d", query, got, want)
		}
	}
}
