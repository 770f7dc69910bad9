package jobsui

import (
	"context"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

const (
	// maxSelected bounds a selection: what a page shows, and some.
	maxSelected = 200
	// maxChanged bounds the jobs that one request changes, so that it ends in time; the message says that there are more.
	maxChanged = 20 * inspect.MaxBulk
)

// bulkAction is a change of many jobs. The texts jobs.bulk begin with its name.
type bulkAction struct {
	name, permission string
	danger           bool
	states           []jobs.State
	one              func(ctx context.Context, id string) error
	all              func(ctx context.Context, f inspect.Filter) (int, error)
}

// text returns a text of the action.
func (a bulkAction) text(ctx context.Context, part string, args ...any) string {
	return words.T(ctx, "jobs.bulk."+a.name+part, args...)
}

func (p pages) bulkActions() []bulkAction {
	return []bulkAction{
		{
			name: "retry", permission: actionRetry,
			states: []jobs.State{jobs.Dead, jobs.Cancelled}, one: p.Jobs.Inspector().Retry, all: p.Jobs.Inspector().RetryAll,
		},
		{
			name: "cancel", permission: actionCancel, danger: true,
			states: []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}, one: p.Jobs.Cancel, all: p.Jobs.Inspector().CancelAll,
		},
		{
			name: "delete", permission: actionDelete, danger: true,
			states: []jobs.State{jobs.Done, jobs.Dead, jobs.Cancelled}, one: p.Jobs.Inspector().Delete, all: p.Jobs.Inspector().DeleteAll,
		},
	}
}

// bulkButtons are the buttons of a list: the actions that apply to its states and that the user may do.
func (p pages) bulkButtons(ctx context.Context, tab tab) []view.Button {
	var list []view.Button
	for _, action := range p.bulkActions() {
		if len(both(tab.states, action.states)) > 0 && p.admin.Can(ctx, action.permission, nil) {
			list = append(list, view.Button{Name: action.name, Label: action.text(ctx, ""), Danger: action.danger})
		}
	}
	return list
}

// bulk changes the jobs of a selection, or all of a filter, after asking.
func (p pages) bulk(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(p.bulkActions(), func(a bulkAction) bool { return a.name == form.Get("_action") })
	if i < 0 {
		return problem.NotFound("")
	}
	action := p.bulkActions()[i]
	if err := p.requireRead(ctx, action.permission); err != nil {
		return err
	}
	back := request.Back(p.admin.Path(), form.Get("_back"), p.admin.Path())
	if form.Get("_scope") == "all" {
		return p.bulkFilter(c, action, form, back)
	}
	ids := slices.Compact(slices.Sorted(slices.Values(form["id"])))
	if len(ids) > maxSelected || slices.ContainsFunc(ids, func(id string) bool { return len(id) > 36 }) {
		return request.Bad(words.T(ctx, "jobs.bulk.too_many", "n", maxSelected))
	}
	if len(ids) == 0 {
		return request.Redirect(c, words.T(ctx, "bulk.none"), back)
	}
	if form.Get("_confirmed") != "1" {
		return p.confirm(c, action, len(ids), view.Confirm{IDs: ids, Back: back})
	}
	changed := 0
	for _, id := range ids {
		ok, err := p.changeOne(ctx, action.permission, action.one, id)
		if err != nil {
			return err
		}
		if ok {
			changed++
		}
	}
	p.sampler.Forget()
	message := action.text(ctx, "_done", "n", changed)
	if left := len(ids) - changed; left > 0 {
		message += " " + words.T(ctx, "jobs.bulk.unchanged", "n", left)
	}
	return request.Redirect(c, message, back)
}

// changeOne changes one job and records that, unless it has moved on.
func (p pages) changeOne(
	ctx context.Context, permission string, change func(context.Context, string) error, id string,
) (bool, error) {
	err := p.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, id); err != nil {
			return err
		}
		return p.record(ctx, permission, "jobs", id, nil)
	})
	if _, known := refusal(ctx, err); known {
		return false, nil
	}
	return err == nil, err
}

// bulkFilter changes all jobs that a filter selects, as many as had been counted.
func (p pages) bulkFilter(c echo.Context, action bulkAction, form url.Values, back string) error {
	ctx := c.Request().Context()
	values, err := url.ParseQuery(form.Get("_query"))
	if err != nil {
		return request.Bad(words.T(ctx, "jobs.no_match"))
	}
	q, err := jobQueryOf(ctx, values)
	if err != nil {
		return err
	}
	f := q.filter
	if f.States = both(f.States, action.states); len(f.States) == 0 {
		return request.Bad(words.T(ctx, "jobs.bulk.impossible"))
	}
	count, err := p.Jobs.Inspector().CountAll(ctx, f, maxChanged)
	if err != nil {
		return err
	}
	if count == 0 {
		return request.Redirect(c, words.T(ctx, "jobs.no_match"), back)
	}
	if form.Get("_confirmed") != "1" {
		return p.confirm(c, action, count, view.Confirm{Query: mustQuery(q.path(p, "")), Back: back})
	}
	total := 0
	for total < count {
		n, err := p.changeSome(ctx, action, f, mustQuery(q.path(p, "")))
		if err != nil {
			return err
		}
		if total += n; n < inspect.MaxBulk {
			break
		}
	}
	p.sampler.Forget()
	message := action.text(ctx, "_done", "n", total)
	if total >= maxChanged {
		message += " " + words.T(ctx, "jobs.bulk.more")
	}
	return request.Redirect(c, message, back)
}

func (p pages) changeSome(ctx context.Context, action bulkAction, f inspect.Filter, query string) (n int, err error) {
	err = p.DB.Transaction(ctx, func(ctx context.Context) error {
		if n, err = action.all(ctx, f); err != nil || n == 0 {
			return err
		}
		return p.record(ctx, action.permission, "", "", map[string]any{"count": n, "filter": query})
	})
	return n, err
}

// confirm asks before a change, and says how many jobs it is about.
func (p pages) confirm(c echo.Context, action bulkAction, count int, v view.Confirm) error {
	ctx := c.Request().Context()
	title := "_title"
	if count >= maxChanged {
		title = "_first"
	}
	v.Title = action.text(ctx, title, "n", count)
	v.Action, v.Verb, v.Button, v.Danger = p.admin.Path("bulk"), action.name, action.text(ctx, ""), action.danger
	if v.Text = action.text(ctx, "_text"); len(v.IDs) == 0 {
		v.Text = words.T(ctx, "jobs.bulk.all_pages") + " " + v.Text
	}
	return p.render(c, v.Title, view.ConfirmPage(v), covet.Breadcrumb{Title: v.Button, URL: v.Back})
}

// both returns the states that are in both lists; no states mean all.
func both(a, b []jobs.State) []jobs.State {
	if len(a) == 0 {
		return b
	}
	return slices.DeleteFunc(slices.Clone(a), func(state jobs.State) bool { return !slices.Contains(b, state) })
}
