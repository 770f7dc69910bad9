package jobsui

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/models"
)

const (
	jobsShown   = 50
	maxErrorLen = 200 // of the filter, in bytes
)

// since is how far back a list reaches, with the key of its text.
type since struct {
	name, key string
	length    time.Duration
}

var sinces = [...]since{
	{"1h", words.ID("jobs.filter.hour"), time.Hour},
	{"24h", words.ID("jobs.filter.day"), 24 * time.Hour},
	{"7d", words.ID("jobs.filter.week"), 7 * 24 * time.Hour},
}

// jobQuery is what an address says about a list of jobs.
type jobQuery struct {
	tab    tab
	filter inspect.Filter
	since  string
}

// jobQueryOf reads an address. Only what its parts are for can be in them.
func jobQueryOf(ctx context.Context, values url.Values) (jobQuery, error) {
	q := jobQuery{filter: inspect.Filter{
		Queue: values.Get("queue"), Kind: values.Get("kind"), Error: values.Get("error"), Schedule: values.Get("schedule"),
		Batch: values.Get("batch"), Chain: values.Get("chain"),
	}, since: values.Get("since")}
	name := values.Get("state")
	if name == "" {
		name = "dead"
	}
	i := slices.IndexFunc(tabs(), func(tab tab) bool { return tab.name == name })
	f := &q.filter
	short := len(f.Queue) <= 64 && len(f.Kind) <= 191 && len(f.Error) <= maxErrorLen && len(f.Schedule) <= 150 &&
		len(f.Batch) <= 36 && len(f.Chain) <= 36
	if i < 0 || !short || !request.Storable(f.Queue+f.Kind+f.Error+f.Schedule+f.Batch+f.Chain+values.Get("after")) {
		return q, request.Bad(words.T(ctx, "jobs.no_match"))
	}
	q.tab = tabs()[i]
	f.States, f.Retrying = q.tab.states, q.tab.retrying
	if q.since != "" {
		i := slices.IndexFunc(sinces[:], func(s since) bool { return s.name == q.since })
		if i < 0 {
			return q, request.Bad(words.T(ctx, "jobs.no_match"))
		}
		f.Since = time.Now().Add(-sinces[i].length)
	}
	return q, nil
}

// restricted reports whether more than the state is asked for.
func (q jobQuery) restricted() bool {
	f := q.filter
	return f.Queue+f.Kind+f.Error+f.Schedule+f.Batch+f.Chain+q.since != ""
}

// listPath is the address of a list.
func (p pages) listPath(tab string, f inspect.Filter, since, after string) string {
	values := url.Values{"state": {tab}}
	for name, value := range map[string]string{
		"queue": f.Queue, "kind": f.Kind, "error": f.Error, "schedule": f.Schedule, "batch": f.Batch, "chain": f.Chain,
		"since": since, "after": after,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return p.admin.Path("list") + "?" + values.Encode()
}

func (q jobQuery) path(p pages, after string) string {
	return p.listPath(q.tab.name, q.filter, q.since, after)
}

// list shows jobs in one state: the failed ones, unless another is asked for.
func (p pages) list(c echo.Context) error {
	ctx := c.Request().Context()
	if err := p.requireRead(ctx); err != nil {
		return err
	}
	q, err := jobQueryOf(ctx, c.QueryParams())
	if err != nil {
		return err
	}
	n := p.numbers(ctx)
	page, err := p.Jobs.Inspector().Rows(ctx, q.filter, c.QueryParam("after"), jobsShown)
	if errors.Is(err, inspect.ErrCursor) {
		return request.Bad(words.T(ctx, "request.position"))
	}
	if err != nil {
		p.Log.WarnContext(ctx, "the page about jobs has no list", "error", err)
	}
	unread := err != nil
	first := p.admin.Path("list") + "?state=" + q.tab.name
	v := view.List{
		Frame: p.frame(c, n, words.T(ctx, "jobs.tab_jobs", "state", q.tab.title(ctx)), q.tab.name), BulkPath: p.admin.Path("bulk"),
		Path: p.admin.Path("list"), State: q.tab.name, Kind: q.filter.Kind, Error: q.filter.Error, Kinds: p.Jobs.Inspector().Kinds(),
		Restricted: q.restricted(), Clear: first, Bulk: p.bulkButtons(ctx, q.tab),
		Query: mustQuery(q.path(p, "")), Back: c.Request().URL.RequestURI(), Only: q.only(ctx), Empty: q.tab.empty(ctx),
	}
	switch {
	case unread:
		v.Empty = words.T(ctx, "jobs.unread")
	case q.restricted():
		v.Empty = words.T(ctx, "jobs.no_match")
	}
	q.fill(ctx, &v, n)
	problems, err := p.Jobs.Inspector().Problems(ctx)
	if err != nil && !unread {
		p.Log.WarnContext(ctx, "the page about jobs does not say why they cannot run", "error", err)
	}
	if err != nil || unread {
		v.Version = live.Unknown // so that the page is loaded again as soon as the database answers
	}
	for _, row := range page.Rows {
		v.Jobs = append(v.Jobs, p.jobRow(ctx, &row, problems))
	}
	if c.QueryParam("after") != "" {
		v.First = q.path(p, "")
	}
	if page.Next != "" {
		v.Next = q.path(p, page.Next)
	}
	return p.render(c, v.Title, view.ListPage(v), covet.Breadcrumb{Title: q.tab.title(ctx), URL: first})
}

// mustQuery is the query of an address that the server made.
func mustQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.RawQuery
}

// only says which parts of the filter have no control.
func (q jobQuery) only(ctx context.Context) string {
	switch {
	case q.filter.Batch != "":
		return words.T(ctx, "jobs.only.batch", "name", q.filter.Batch)
	case q.filter.Chain != "":
		return words.T(ctx, "jobs.only.chain", "name", q.filter.Chain)
	case q.filter.Schedule != "":
		return words.T(ctx, "jobs.only.schedule", "name", q.filter.Schedule)
	}
	return ""
}

// fill makes the controls of the filter.
func (q jobQuery) fill(ctx context.Context, v *view.List, n *numbers) {
	v.Hidden = []view.Pair{{Name: "state", Value: q.tab.name}}
	f := q.filter
	for _, pair := range []view.Pair{
		{Name: "batch", Value: f.Batch}, {Name: "chain", Value: f.Chain}, {Name: "schedule", Value: f.Schedule},
	} {
		if pair.Value != "" {
			v.Hidden = append(v.Hidden, pair)
		}
	}
	v.Queues = []view.Option{{Label: words.T(ctx, "jobs.filter.all_queues")}}
	v.Since = []view.Option{{Label: words.T(ctx, "jobs.filter.any_time")}}
	known := q.filter.Queue == ""
	for _, queue := range n.queues {
		chosen := queue.Queue == q.filter.Queue
		known = known || chosen
		v.Queues = append(v.Queues, view.Option{Value: queue.Queue, Label: queue.Queue, Chosen: chosen})
	}
	if !known {
		v.Queues = append(v.Queues, view.Option{Value: q.filter.Queue, Label: q.filter.Queue, Chosen: true})
	}
	for _, since := range sinces {
		v.Since = append(v.Since, view.Option{Value: since.name, Label: words.T(ctx, since.key), Chosen: since.name == q.since})
	}
}

func (p pages) jobRow(ctx context.Context, row *models.OutboxRow, problems *inspect.Problems) view.Row {
	v := view.Row{
		ID: row.ID, URL: p.admin.Path(row.ID), Kind: row.Kind, Queue: row.Queue, State: stateName(ctx, row.State),
		Attempts: text.Number(ctx, row.Attempts), Error: format.Cut(row.LastError),
	}
	if problems != nil {
		v.Problem = format.Cut(problems.Of(row))
	}
	v.When, v.Machine = text.Precise(ctx, row.RunAt), format.Machine(row.RunAt)
	return v
}
