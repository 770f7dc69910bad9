package panel

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
)

const (
	// mostSelected bounds a selection: what a page shows, and some.
	mostSelected = 200
	// mostChanged bounds the jobs that one request changes, so that it ends in time; the message says that there are more.
	mostChanged = 20 * jobs.MaxBulk
)

// bulkJobs changes the jobs of a selection, or all of a filter, after asking.
func (s *Server) bulkJobs(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.allJobDeeds(), func(d jobDeed) bool { return d.name == form.Get("_action") })
	if i < 0 {
		return problem.NotFound("")
	}
	deed := s.allJobDeeds()[i]
	if !s.seesJobs(ctx) || !s.Can(ctx, deed.action, nil) {
		return problem.Forbidden("")
	}
	back := s.back(form.Get("_back"), s.Base+"/jobs")
	if form.Get("_scope") == "all" {
		return s.bulkFilter(c, deed, form, back)
	}
	ids := slices.Compact(slices.Sorted(slices.Values(form["id"])))
	if len(ids) > mostSelected || slices.ContainsFunc(ids, func(id string) bool { return len(id) > 36 }) {
		return badRequest(fmt.Sprintf("At most %d jobs at a time.", mostSelected))
	}
	if len(ids) == 0 {
		return s.sayAndGo(c, "Nothing was selected.", back)
	}
	if form.Get("_confirmed") != "1" {
		return s.confirmJobs(c, deed, len(ids), views.JobsConfirm{IDs: ids, Back: back})
	}
	changed := 0
	for _, id := range ids {
		ok, err := s.changeOne(ctx, deed.action, deed.one, id)
		if err != nil {
			return err
		}
		if ok {
			changed++
		}
	}
	s.sampler.Forget()
	message := plural(changed, "job", "jobs") + " " + deed.done + "."
	if left := len(ids) - changed; left > 0 {
		message += fmt.Sprintf(" %d had moved on, and stay as they are.", left)
	}
	return s.sayAndGo(c, message, back)
}

// changeOne changes one job and records that, unless it has moved on.
func (s *Server) changeOne(ctx context.Context, action string, change func(context.Context, string) error, id string) (bool, error) {
	err := s.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, id); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Event{Action: action, Subject: audit.Subject("jobs", id)})
	})
	if _, known := jobFailure(err); known {
		return false, nil
	}
	return err == nil, err
}

// bulkFilter changes all jobs that a filter selects, as many as had been counted.
func (s *Server) bulkFilter(c echo.Context, deed jobDeed, form url.Values, back string) error {
	ctx := c.Request().Context()
	values, err := url.ParseQuery(form.Get("_query"))
	if err != nil {
		return badRequest("There are no such jobs.")
	}
	q, err := jobQueryOf(values)
	if err != nil {
		return err
	}
	f := q.filter
	if f.States = both(f.States, deed.states); len(f.States) == 0 {
		return badRequest("This cannot be done to these jobs.")
	}
	count, err := s.Jobs.CountAll(ctx, f, mostChanged)
	if err != nil {
		return err
	}
	if count == 0 {
		return s.sayAndGo(c, "There are no such jobs.", back)
	}
	if form.Get("_confirmed") != "1" {
		return s.confirmJobs(c, deed, count, views.JobsConfirm{Query: mustQuery(q.path(s, "")), Back: back})
	}
	total := 0
	for total < count {
		n, err := s.changeSome(ctx, deed, f, mustQuery(q.path(s, "")))
		if err != nil {
			return err
		}
		if total += n; n < jobs.MaxBulk {
			break
		}
	}
	s.sampler.Forget()
	message := grouped(total) + " " + word(total, "job", "jobs") + " " + deed.done + "."
	if total >= mostChanged {
		message += " There may be more: do it again."
	}
	return s.sayAndGo(c, message, back)
}

func (s *Server) changeSome(ctx context.Context, deed jobDeed, f jobs.Filter, query string) (n int, err error) {
	err = s.DB.Transaction(ctx, func(ctx context.Context) error {
		if n, err = deed.all(ctx, f); err != nil || n == 0 {
			return err
		}
		return s.Audit.Record(ctx, audit.Event{Action: deed.action, Detail: map[string]any{"count": n, "filter": query}})
	})
	return n, err
}

// confirmJobs asks, and says how many jobs it is about.
func (s *Server) confirmJobs(c echo.Context, deed jobDeed, count int, v views.JobsConfirm) error {
	ctx := c.Request().Context()
	what := grouped(count) + " " + word(count, "job", "jobs")
	if count >= mostChanged {
		what = "the first " + what
	}
	title := deed.title + " " + what
	v.Frame = s.frame(ctx, title, nil, views.Link{Text: jobsTitle, URL: s.Base + "/jobs"}, views.Link{Text: deed.title, URL: v.Back})
	v.Action, v.Verb, v.Button, v.Danger = s.Base+"/jobs/bulk", deed.name, deed.title, deed.danger
	v.Text = map[string]string{
		"retry":  "They will run again from now on, with all their attempts.",
		"cancel": "They will not run.",
		"delete": "They will be deleted, and cannot be brought back.",
	}[deed.name]
	if len(v.IDs) == 0 {
		v.Text = "All jobs that the list selects, on every page. " + v.Text
	}
	return web.Render(c, http.StatusOK, views.JobsConfirmPage(v))
}

func (s *Server) sayAndGo(c echo.Context, message, to string) error {
	if err := flash(c, message); err != nil {
		return err
	}
	return web.Redirect(c, to)
}

func word(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// both returns the states that are in both lists; no states mean all.
func both(a, b []jobs.State) []jobs.State {
	if len(a) == 0 {
		return b
	}
	return slices.DeleteFunc(slices.Clone(a), func(state jobs.State) bool { return !slices.Contains(b, state) })
}
