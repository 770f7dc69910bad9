package admin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

func TestJobs(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		now := time.Now().UTC().Truncate(time.Microsecond)
		dead := create(a, covetmodels.OutboxRow{
			ID: "01900000-0000-7000-8000-000000000001", Kind: "greet", Queue: "default", Payload: `{"name":"<script>alert(1)</script>"}`,
			State: covetmodels.OutboxDead, RunAt: now, Attempts: 3, LastError: "<img src=x onerror=alert(2)>", CreatedAt: now,
		})
		page := a.Client().Get("/admin/jobs").MustStatus(ok)
		if got := page.Text("article"); !strings.Contains(got, "greet") || !strings.Contains(got, "<img src=x") {
			t.Errorf("jobs = %q", got)
		}
		path := "/admin/jobs/" + dead.ID
		for _, address := range []string{"/admin/jobs", path} {
			if body := a.Client().Get(address).MustStatus(ok).Body(); strings.Contains(body, "<script>alert") || strings.Contains(body, "<img src=x") {
				t.Errorf("%s holds markup of the job", address)
			}
		}
		a.as("jobs.read")
		if page := a.Client().Get(path); page.Find("main form").Length() > 0 {
			t.Error("the page offers what is not allowed")
		}
		a.post(path, url.Values{"_action": {"retry"}}).MustStatus(http.StatusForbidden)
		a.post(path, url.Values{"_action": {"delete"}}).MustStatus(http.StatusForbidden)
		a.as("jobs.retry")
		a.Client().Get("/admin/jobs").MustStatus(http.StatusForbidden)
		a.post(path, url.Values{"_action": {"retry"}}).MustStatus(http.StatusForbidden)
		a.as("jobs.*")
		a.post(path, url.Values{"_action": {"retry"}}).MustStatus(ok)
		if got := load[covetmodels.OutboxRow](a, map[string]any{"id": dead.ID}); got.State == covetmodels.OutboxDead {
			t.Errorf("the job is %s", got.State)
		}
		if page := a.post(path, url.Values{"_action": {"retry"}}).MustStatus(ok); !strings.Contains(page.Text(".flash"), "Nothing was done") {
			t.Errorf("flash = %q", page.Text(".flash"))
		}
		a.post(path, url.Values{"_action": {"delete"}}).MustStatus(ok)
		a.Client().Get(path).MustStatus(http.StatusNotFound)
		a.post(path, url.Values{"_action": {"explode"}}).MustStatus(http.StatusNotFound)
		if len(a.audit("jobs.retry")) != 1 || len(a.audit("jobs.delete")) != 1 {
			t.Error("the log lacks entries")
		}
		for _, query := range []string{"state=nothing", "after=x", "queue=%00", "queue=" + strings.Repeat("x", 65)} {
			a.Client().Get("/admin/jobs?" + query).MustStatus(http.StatusBadRequest)
		}
	})
}
