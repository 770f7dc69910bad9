package middleware_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf("%d-%d", 2*i, 2*i)
	}
	for header, want := range map[string]string{
		"":                     "",
		"bytes=0-4":            "bytes=0-4",
		"bytes=-5":             "bytes=-5",
		"bytes=0-4,10-14":      "bytes=0-4,10-14",
		"bytes=10-14, 0-4":     "bytes=0-4,10-14",
		"bytes=0-9,5-14,14-20": "bytes=0-20",
		"bytes=0-4,5-9":        "bytes=0-9",
		"bytes=5-,0-2,7-9":     "bytes=0-2,5-",
		"bytes=0-1,-5":         "bytes=0-1,-5",
		"bytes=" + strings.Repeat("0-,", 999) + "0-": "bytes=0-",
		"bytes=" + strings.Join(many, ","):           "416",
		"bytes=" + strings.Repeat("-1,", 999) + "-1": "416",
		"lines=1-2":                   "lines=1-2", // net/http refuses it
		"bytes=4-1":                   "bytes=4-1",
		"bytes=a-b":                   "bytes=a-b",
		"bytes=99999999999999999999-": "bytes=99999999999999999999-",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		if header != "" {
			r.Header.Set("Range", header)
		}
		w := serve(t, r, func(c echo.Context) error {
			return c.String(http.StatusOK, c.Request().Header.Get("Range"))
		}, middleware.Ranges())
		got := w.Body.String()
		if w.Code != http.StatusOK {
			got = strconv.Itoa(w.Code)
		}
		if got != want {
			t.Errorf("%.40q became %q, want %q", header, got, want)
		}
	}
}
