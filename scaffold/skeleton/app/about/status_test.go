// covet:file api

package about_test

import (
	"net/http"
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, app.New).Client()

	var answer struct{ Name, Status string }
	client.Get("/api/status").MustStatus(http.StatusOK).JSON(&answer)

	if answer.Name != "Covet App" || answer.Status != "ok" {
		t.Errorf("answer = %+v", answer)
	}
}
