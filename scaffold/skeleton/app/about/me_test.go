// covet:file api
// covet:file auth

package about_test

import (
	"net/http"
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
)

func TestMeIsForWhoIsSignedIn(t *testing.T) {
	t.Parallel()
	page := apptest.New(t, app.New).Client().Get("/api/me").MustStatus(http.StatusUnauthorized)

	if got := page.Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate = %q", got)
	}
}
