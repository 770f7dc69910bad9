package panel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/live"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/models"
)

const (
	// longestShown bounds arguments and results on a page, in bytes: they may be megabytes.
	longestShown = 64 << 10
	// chainShown is how many jobs of a chain are listed.
	chainShown = 100
)

func (s *Server) showJob(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.seesJobs(ctx) {
		return problem.Forbidden("")
	}
	row, err := s.job(c)
	if err != nil {
		return err
	}
	n := s.numbers(ctx)
	v, err := s.jobView(c, &row, n)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, views.JobPage(v))
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

func (s *Server) jobView(c echo.Context, row *models.OutboxRow, n *jobNumbers) (views.Job, error) {
	ctx := c.Request().Context()
	address := s.Base + "/jobs/" + url.PathEscape(row.ID)
	v := views.Job{
		JobsFrame: s.jobsFrame(c, n, row.Kind, "-", views.Link{Text: row.Kind, URL: address}),
		ID:        row.ID, URL: address, Kind: row.Kind, State: stateName(row.State), Error: row.LastError, Stack: row.LastStack,
		Encrypted: row.SealedWith != "", Arguments: shortened(s.Jobs.Arguments(row)), Result: shortened(s.Jobs.Outcome(row)),
		Facts: jobFacts(row, n), Progress: progressOf(row),
	}
	v.Events, v.Version = v.Events+"?job="+url.QueryEscape(row.ID), jobVersion(row)
	if v.Fault = ""; n.unlooked {
		v.Fault, v.Version = n.fault(), live.Unknown
	}
	if row.ProgressTotal > 0 {
		v.Done, v.Total = strconv.FormatInt(row.ProgressDone, 10), strconv.FormatInt(row.ProgressTotal, 10)
	}
	problems, err := s.Jobs.Problems(ctx)
	if err != nil {
		return v, err
	}
	v.Problem = problems.Of(row)
	ended := row.State == jobs.Dead || row.State == jobs.Cancelled
	v.Retry = ended && s.Can(ctx, jobsRetry, nil)
	v.Cancel = !ended && row.State != jobs.Done && row.CancelAskedAt == nil && s.Can(ctx, jobsCancel, nil)
	v.Delete = row.State != jobs.Running && s.Can(ctx, jobsDelete, nil)
	return v, s.neighbours(ctx, row, &v)
}

// jobFacts are what is known of a job. Links are used as pairs of texts.
func jobFacts(row *models.OutboxRow, n *jobNumbers) []views.Link {
	var facts []views.Link
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, views.Link{Text: name, URL: value})
		}
	}
	add("Id", row.ID)
	add("Queue", row.Queue)
	add("Priority", map[int]string{1: "High", -1: "Low"}[row.Priority])
	add("Failed attempts", strconv.Itoa(row.Attempts))
	if row.Losses > 0 {
		add("Workers lost in a row", strconv.Itoa(row.Losses))
	}
	add("Enqueued", moment(&row.CreatedAt))
	add("Due", moment(&row.RunAt))
	add("Started", moment(row.StartedAt))
	add("Finished", moment(row.FinishedAt))
	if row.StartedAt != nil && row.FinishedAt != nil {
		add("Ran for", roughly(row.FinishedAt.Sub(*row.StartedAt)))
	}
	add("Asked to stop", moment(row.CancelAskedAt))
	if row.State == jobs.Running {
		if i := slices.IndexFunc(n.workers, func(w jobs.Worker) bool { return w.ID == row.Holder }); i >= 0 {
			add("Worker", fmt.Sprintf("%s, process %d", n.workers[i].Host, n.workers[i].PID))
		}
	}
	add("Schedule", row.Schedule)
	if row.LimitKey != nil {
		add("Waits for the limit", *row.LimitKey)
	}
	return facts
}

func progressOf(row *models.OutboxRow) string {
	switch {
	case row.ProgressTotal > 0:
		return grouped(int(row.ProgressDone)) + " of " + grouped(int(row.ProgressTotal))
	case row.ProgressDone > 0:
		return grouped(int(row.ProgressDone)) + " done"
	}
	return ""
}

// shortened cuts a long text between characters.
func shortened(text string) string {
	if len(text) <= longestShown {
		return text
	}
	cut := longestShown
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + fmt.Sprintf("\n… and %s bytes more", grouped(len(text)-cut))
}

// neighbours adds the chain and the batch that a job belongs to.
func (s *Server) neighbours(ctx context.Context, row *models.OutboxRow, v *views.Job) error {
	if row.ChainID != nil {
		page, err := s.Jobs.Rows(ctx, jobs.Filter{Chain: *row.ChainID}, "", chainShown)
		if err != nil {
			return err
		}
		slices.SortFunc(page.Rows, func(a, b models.OutboxRow) int { return a.ChainIndex - b.ChainIndex })
		for _, other := range page.Rows {
			v.Chain = append(v.Chain, s.jobRow(&other, nil))
		}
	}
	id := row.BatchID
	if id == nil {
		id = row.CallbackOf
	}
	if id == nil {
		return nil
	}
	batch, err := s.Jobs.Batch(ctx, *id)
	if errors.Is(err, jobs.ErrNoBatch) {
		return nil
	}
	if err != nil {
		return err
	}
	v.BatchURL = s.jobsPath("all", jobs.Filter{Batch: *id}, "", "")
	for _, fact := range []struct {
		name string
		n    int
	}{{"Jobs", batch.Total}, {"Done", batch.Done}, {"Failed", batch.Dead}, {"Cancelled", batch.Cancelled}} {
		v.Batch = append(v.Batch, views.Link{Text: fact.name, URL: grouped(fact.n)})
	}
	if row.CallbackOf != nil {
		v.Batch = append(v.Batch, views.Link{Text: "This job", URL: "runs when all of them have ended"})
	}
	return nil
}

// changeJob retries, cancels or deletes a job, and records that in the same transaction.
func (s *Server) changeJob(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	back := s.Base + "/jobs/" + url.PathEscape(c.Param("id"))
	var change func(context.Context, string) error
	var action, done string
	switch form.Get("_action") {
	case "retry":
		action, change, done = jobsRetry, s.Jobs.Retry, "The job runs again."
	case "cancel":
		action, change, done = jobsCancel, s.Jobs.Cancel, "The job is called off."
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
	if action == jobsDelete {
		back = s.jobsPath(tabOf(row.State), jobs.Filter{}, "", "")
	}
	err = s.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, row.ID); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Event{Action: action, Subject: audit.Subject("jobs", row.ID), Detail: map[string]any{"kind": row.Kind}})
	})
	if message, known := jobFailure(err); known {
		return s.sayAndGo(c, message, s.back(form.Get("_back"), back))
	}
	if err != nil {
		return err
	}
	if action == jobsCancel && row.State == jobs.Running {
		done = "The job is asked to stop."
	}
	s.sampler.Forget()
	return s.sayAndGo(c, done, s.back(form.Get("_back"), back))
}

// tabOf is the list that a state is in.
func tabOf(state jobs.State) string {
	for _, tab := range jobTabs() {
		if slices.Contains(tab.states, state) {
			return tab.name
		}
	}
	return "all"
}
