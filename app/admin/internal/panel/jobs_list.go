package panel

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/live"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/models"
)

const (
	jobsShown   = 50
	maxErrorLen = 200 // of the filter, in bytes
)

// sinces are how far back a list can be narrowed.
var sinces = [...]struct {
	name, title string
	length      time.Duration
}{{"1h", "In the last hour", time.Hour}, {"24h", "In the last day", 24 * time.Hour}, {"7d", "In the last week", 7 * 24 * time.Hour}}

// jobQuery is what an address says about a list of jobs.
type jobQuery struct {
	tab    jobTab
	filter jobs.Filter
	since  string
}

// jobQueryOf reads an address. Only what its parts are for can be in them.
func jobQueryOf(values url.Values) (jobQuery, error) {
	q := jobQuery{filter: jobs.Filter{
		Queue: values.Get("queue"), Kind: values.Get("kind"), Error: values.Get("error"), Schedule: values.Get("schedule"),
		Batch: values.Get("batch"), Chain: values.Get("chain"),
	}, since: values.Get("since")}
	name := values.Get("state")
	if name == "" {
		name = "dead"
	}
	i := slices.IndexFunc(jobTabs(), func(tab jobTab) bool { return tab.name == name })
	f := &q.filter
	short := len(f.Queue) <= 64 && len(f.Kind) <= 191 && len(f.Error) <= maxErrorLen && len(f.Schedule) <= 150 && len(f.Batch) <= 36 && len(f.Chain) <= 36
	if i < 0 || !short || !text(f.Queue+f.Kind+f.Error+f.Schedule+f.Batch+f.Chain+values.Get("after")) {
		return q, badRequest("There are no such jobs.")
	}
	q.tab = jobTabs()[i]
	f.States, f.Retrying = q.tab.states, q.tab.retrying
	if q.since != "" {
		i := slices.IndexFunc(sinces[:], func(s struct {
			name, title string
			length      time.Duration
		},
		) bool {
			return s.name == q.since
		})
		if i < 0 {
			return q, badRequest("There are no such jobs.")
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

// jobsPath is the address of a list.
func (s *Server) jobsPath(tab string, f jobs.Filter, since, after string) string {
	values := url.Values{"state": {tab}}
	for name, value := range map[string]string{
		"queue": f.Queue, "kind": f.Kind, "error": f.Error, "schedule": f.Schedule, "batch": f.Batch, "chain": f.Chain, "since": since, "after": after,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return s.Base + "/jobs/list?" + values.Encode()
}

func (q jobQuery) path(s *Server, after string) string {
	return s.jobsPath(q.tab.name, q.filter, q.since, after)
}

// listJobs shows jobs in one state: the failed ones, unless another is asked for.
func (s *Server) listJobs(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.seesJobs(ctx) {
		return problem.Forbidden("")
	}
	q, err := jobQueryOf(c.QueryParams())
	if err != nil {
		return err
	}
	n := s.numbers(ctx)
	page, err := s.Jobs.Rows(ctx, q.filter, c.QueryParam("after"), jobsShown)
	if errors.Is(err, jobs.ErrCursor) {
		return badRequest("This part of the list is not there any more. Start at its beginning.")
	}
	if err != nil {
		s.Log.WarnContext(ctx, "the page about jobs has no list", "error", err)
	}
	unread := err != nil
	title := q.tab.title + " jobs"
	v := views.JobsList{
		JobsFrame: s.jobsFrame(c, n, title, q.tab.name, views.Link{Text: q.tab.title, URL: s.Base + "/jobs/list?state=" + q.tab.name}),
		Path:      s.Base + "/jobs/list", State: q.tab.name, Kind: q.filter.Kind, Error: q.filter.Error, Kinds: s.Jobs.Kinds(),
		Restricted: q.restricted(), Clear: s.Base + "/jobs/list?state=" + q.tab.name, Bulk: s.jobDeeds(ctx, q.tab),
		Query: mustQuery(q.path(s, "")), Back: c.Request().URL.RequestURI(), Only: q.only(), Empty: q.tab.empty,
	}
	switch {
	case unread:
		v.Empty = "The jobs cannot be read, as the database does not answer."
	case q.restricted():
		v.Empty = "No jobs match."
	}
	q.fill(&v, n)
	problems, err := s.Jobs.Problems(ctx)
	if err != nil && !unread {
		s.Log.WarnContext(ctx, "the page about jobs does not say why they cannot run", "error", err)
	}
	if err != nil || unread {
		v.Version = live.Unknown // so that the page is loaded again as soon as the database answers
	}
	for _, row := range page.Rows {
		v.Jobs = append(v.Jobs, s.jobRow(&row, problems))
	}
	if c.QueryParam("after") != "" {
		v.First = q.path(s, "")
	}
	if page.Next != "" {
		v.Next = q.path(s, page.Next)
	}
	return web.Render(c, http.StatusOK, views.JobsListPage(v))
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
func (q jobQuery) only() string {
	switch {
	case q.filter.Batch != "":
		return "Only jobs of the batch " + q.filter.Batch + "."
	case q.filter.Chain != "":
		return "Only jobs of the chain " + q.filter.Chain + "."
	case q.filter.Schedule != "":
		return "Only jobs of the schedule " + q.filter.Schedule + "."
	}
	return ""
}

// fill makes the controls of the filter.
func (q jobQuery) fill(v *views.JobsList, n *jobNumbers) {
	v.Hidden = []views.Pair{{Name: "state", Value: q.tab.name}}
	for _, pair := range []views.Pair{{Name: "batch", Value: q.filter.Batch}, {Name: "chain", Value: q.filter.Chain}, {Name: "schedule", Value: q.filter.Schedule}} {
		if pair.Value != "" {
			v.Hidden = append(v.Hidden, pair)
		}
	}
	v.Queues, v.Since = []views.Option{{Label: "All"}}, []views.Option{{Label: "At any time"}}
	known := q.filter.Queue == ""
	for _, queue := range n.queues {
		chosen := queue.Queue == q.filter.Queue
		known = known || chosen
		v.Queues = append(v.Queues, views.Option{Value: queue.Queue, Label: queue.Queue, Chosen: chosen})
	}
	if !known {
		v.Queues = append(v.Queues, views.Option{Value: q.filter.Queue, Label: q.filter.Queue, Chosen: true})
	}
	for _, since := range sinces {
		v.Since = append(v.Since, views.Option{Value: since.name, Label: since.title, Chosen: since.name == q.since})
	}
}

func (s *Server) jobRow(row *models.OutboxRow, problems *jobs.Problems) views.JobRow {
	v := views.JobRow{
		ID: row.ID, URL: s.Base + "/jobs/" + url.PathEscape(row.ID), Kind: row.Kind, Queue: row.Queue, State: stateName(row.State),
		Attempts: strconv.Itoa(row.Attempts), Error: cut(row.LastError),
	}
	if problems != nil {
		v.Problem = cut(problems.Of(row))
	}
	v.When, v.Machine = shownTime(row.RunAt)
	return v
}

// jobDeed is what can be done to many jobs.
type jobDeed struct {
	name, title, action, done string
	danger                    bool
	states                    []jobs.State
	one                       func(ctx context.Context, id string) error
	all                       func(ctx context.Context, f jobs.Filter) (int, error)
}

func (s *Server) allJobDeeds() []jobDeed {
	return []jobDeed{
		{
			name: "retry", title: "Retry", action: jobsRetry, done: "will run again",
			states: []jobs.State{jobs.Dead, jobs.Cancelled}, one: s.Jobs.Retry, all: s.Jobs.RetryAll,
		},
		{
			name: "cancel", title: "Cancel", action: jobsCancel, done: "called off", danger: true,
			states: []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}, one: s.Jobs.Cancel, all: s.Jobs.CancelAll,
		},
		{
			name: "delete", title: "Delete", action: jobsDelete, done: "deleted", danger: true,
			states: []jobs.State{jobs.Done, jobs.Dead, jobs.Cancelled}, one: s.Jobs.Delete, all: s.Jobs.DeleteAll,
		},
	}
}

// jobDeeds are the buttons of a list: what makes sense there, and is allowed.
func (s *Server) jobDeeds(ctx context.Context, tab jobTab) []views.Button {
	var list []views.Button
	for _, deed := range s.allJobDeeds() {
		fits := len(tab.states) == 0 || slices.ContainsFunc(tab.states, func(state jobs.State) bool { return slices.Contains(deed.states, state) })
		if fits && s.Can(ctx, deed.action, nil) {
			list = append(list, views.Button{Name: deed.name, Label: deed.title, Danger: deed.danger})
		}
	}
	return list
}
