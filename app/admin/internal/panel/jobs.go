package panel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/models"
)

// Actions on jobs.
const (
	jobsTitle  = "Jobs"
	jobsRead   = "jobs.read"
	jobsRetry  = "jobs.retry"
	jobsDelete = "jobs.delete"
	jobsShown  = 50
)

// jobStates are the states in the order in which people ask for them.
var jobStates = []jobs.State{jobs.Dead, jobs.Pending, jobs.Dispatched, jobs.Running, jobs.Done, jobs.Cancelled}

func (s *Server) seesJobs(ctx context.Context) bool {
	return s.Jobs != nil && s.Can(ctx, jobsRead, nil)
}

func (s *Server) registerJobs(g *echo.Group) {
	g.GET("/jobs", s.listJobs)
	g.GET("/jobs/:id", s.showJob)
	g.POST("/jobs/:id", s.changeJob)
}

// listJobs shows the queues and the jobs in one state: the failed ones, unless another is asked for.
func (s *Server) listJobs(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.seesJobs(ctx) {
		return problem.Forbidden("")
	}
	filter, state, err := s.jobFilter(c.QueryParams())
	if err != nil {
		return err
	}
	queues, err := s.Jobs.Queues(ctx)
	if err != nil {
		return err
	}
	page, err := s.Jobs.Rows(ctx, filter, c.QueryParam("after"), jobsShown)
	if errors.Is(err, jobs.ErrCursor) {
		return badRequest("This part of the list is not there any more. Start at its beginning.")
	}
	if err != nil {
		return err
	}
	v := views.Jobs{Frame: s.frame(ctx, jobsTitle, nil, views.Link{Text: jobsTitle, URL: s.Base + "/jobs"}), State: stateName(state)}
	for _, other := range jobStates {
		v.States = append(v.States, views.Link{Text: stateName(other), URL: s.jobsPath(filter, other, ""), Current: other == state})
	}
	for _, queue := range queues {
		row := views.Queue{Name: queue.Queue}
		for _, other := range jobStates {
			row.Counts = append(row.Counts, views.Link{
				Text: grouped(queue.Counts[other]), URL: s.jobsPath(jobs.Filter{Queue: queue.Queue}, other, ""),
			})
		}
		v.Queues = append(v.Queues, row)
	}
	if filter.Queue != "" {
		v.Only = "Only in the queue " + filter.Queue + "."
	}
	for _, row := range page.Rows {
		v.Jobs = append(v.Jobs, s.jobView(ctx, &row))
	}
	if page.Next != "" {
		v.Next = s.jobsPath(filter, state, page.Next)
	}
	return web.Render(c, http.StatusOK, views.JobsPage(v))
}

func (s *Server) jobFilter(values url.Values) (jobs.Filter, jobs.State, error) {
	state := jobs.Dead
	if text := values.Get("state"); text != "" {
		state = jobs.State(text)
	}
	filter := jobs.Filter{States: []jobs.State{state}, Queue: values.Get("queue")}
	if !slices.Contains(jobStates, state) || len(filter.Queue) > 64 || !text(filter.Queue) || !text(values.Get("after")) {
		return filter, state, badRequest("There are no such jobs.")
	}
	return filter, state, nil
}

func (s *Server) jobsPath(filter jobs.Filter, state jobs.State, after string) string {
	values := url.Values{"state": {string(state)}}
	if filter.Queue != "" {
		values.Set("queue", filter.Queue)
	}
	if after != "" {
		values.Set("after", after)
	}
	return s.Base + "/jobs?" + values.Encode()
}

// stateName is what people call a state.
func stateName(state jobs.State) string {
	names := map[jobs.State]string{
		jobs.Dead: "Failed", jobs.Pending: "Waiting", jobs.Dispatched: "Handed over", jobs.Running: "Running", jobs.Done: "Done",
		jobs.Cancelled: "Cancelled",
	}
	return names[state]
}

func (s *Server) jobView(ctx context.Context, row *models.OutboxRow) views.Job {
	job := views.Job{
		ID: row.ID, URL: s.Base + "/jobs/" + url.PathEscape(row.ID), Kind: row.Kind, Queue: row.Queue, State: stateName(row.State),
		Attempts: fmt.Sprint(row.Attempts), Error: row.LastError, Payload: row.Payload, RunAt: moment(&row.RunAt),
		CreatedAt: moment(&row.CreatedAt), StartedAt: moment(row.StartedAt), FinishedAt: moment(row.FinishedAt),
	}
	ended := row.State == jobs.Dead || row.State == jobs.Cancelled
	job.Retry = ended && s.Can(ctx, jobsRetry, nil)
	job.Delete = row.State != jobs.Running && s.Can(ctx, jobsDelete, nil)
	return job
}

func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	shown, _ := shownTime(*t)
	return shown
}

func (s *Server) showJob(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.seesJobs(ctx) {
		return problem.Forbidden("")
	}
	row, err := s.job(c)
	if err != nil {
		return err
	}
	job := s.jobView(ctx, &row)
	frame := s.frame(ctx, row.Kind, nil, views.Link{Text: jobsTitle, URL: s.Base + "/jobs"}, views.Link{Text: row.Kind, URL: job.URL})
	return web.Render(c, http.StatusOK, views.JobPage(frame, job))
}

func (s *Server) job(c echo.Context) (models.OutboxRow, error) {
	id := c.Param("id")
	if len(id) > 36 || !text(id) {
		return models.OutboxRow{}, problem.NotFound("")
	}
	row, err := s.Jobs.Row(c.Request().Context(), id)
	if errors.Is(err, jobs.ErrNoJob) {
		return row, problem.NotFound("This job is not there any more.")
	}
	return row, err
}

// changeJob retries or deletes a job, and records that in the same transaction.
func (s *Server) changeJob(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	action, change, done := jobsRetry, s.Jobs.Retry, "The job runs again."
	switch form.Get("_action") {
	case "retry":
	case "delete":
		action, change, done = jobsDelete, s.Jobs.Delete, "The job is deleted."
	default:
		return problem.NotFound("")
	}
	if !s.seesJobs(ctx) || !s.Can(ctx, action, nil) {
		return problem.Forbidden("")
	}
	row, err := s.job(c)
	if err != nil {
		return err
	}
	err = s.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, row.ID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Event{Action: action, Subject: audit.Subject("jobs", row.ID), Detail: map[string]any{"kind": row.Kind}})
	})
	switch {
	case errors.Is(err, jobs.ErrNoJob):
		return problem.NotFound("This job is not there any more.")
	case errors.Is(err, jobs.ErrNotEnded), errors.Is(err, jobs.ErrRunning):
		done = "Nothing was done: the job has moved on meanwhile."
	case err != nil:
		return err
	}
	if err := flash(c, done); err != nil {
		return err
	}
	return web.Redirect(c, s.back(form.Get("_back"), s.Base+"/jobs"))
}
