package jobsui

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/models"
)

const (
	// longestShown bounds arguments and results on a page, in bytes: they may be megabytes.
	longestShown = 64 << 10
	// chainShown is how many jobs of a chain are listed.
	chainShown = 100
)

func (p pages) showJob(c echo.Context) error {
	ctx := c.Request().Context()
	if err := p.requireRead(ctx); err != nil {
		return err
	}
	row, err := p.job(c)
	if err != nil {
		return err
	}
	n := p.numbers(ctx)
	v, err := p.jobView(c, &row, n)
	if err != nil {
		return err
	}
	return p.render(c, v.Title, view.JobPage(v), covet.Breadcrumb{Title: v.Title, URL: v.URL})
}

func (p pages) job(c echo.Context) (models.OutboxRow, error) {
	id := c.Param("id")
	if len(id) > 36 || !request.Storable(id) {
		return models.OutboxRow{}, problem.NotFound("")
	}
	row, err := p.Jobs.Inspector().Row(c.Request().Context(), id)
	if errors.Is(err, inspect.ErrNoJob) {
		return row, problem.NotFound(words.T(c.Request().Context(), "jobs.job.gone"))
	}
	return row, err
}

func (p pages) jobView(c echo.Context, row *models.OutboxRow, n *numbers) (view.Job, error) {
	ctx := c.Request().Context()
	address := p.admin.Path(row.ID)
	v := view.Job{
		Frame: p.frame(c, n, row.Kind, "-"),
		ID:    row.ID, URL: address, Kind: row.Kind, State: stateName(ctx, row.State), Error: row.LastError, Stack: row.LastStack,
		Encrypted: row.SealedWith != "", Arguments: shortened(ctx, p.Jobs.Inspector().Arguments(row)), Result: shortened(ctx, p.Jobs.Inspector().Outcome(row)),
		Facts: jobFacts(ctx, row, n), Progress: progressOf(ctx, row),
	}
	v.Events, v.Version = v.Events+"?job="+url.QueryEscape(row.ID), jobVersion(row)
	if v.Fault = ""; n.stale {
		v.Fault, v.Version = n.fault(ctx), live.Unknown
	}
	if row.ProgressTotal > 0 {
		v.Done, v.Total = strconv.FormatInt(row.ProgressDone, 10), strconv.FormatInt(row.ProgressTotal, 10)
	}
	problems, err := p.Jobs.Inspector().Problems(ctx)
	if err != nil {
		return v, err
	}
	v.Problem = problems.Of(row)
	ended := row.State == jobs.Dead || row.State == jobs.Cancelled
	v.Retry = ended && p.admin.Can(ctx, actionRetry, nil)
	v.Cancel = !ended && row.State != jobs.Done && row.CancelAskedAt == nil && p.admin.Can(ctx, actionCancel, nil)
	v.Delete = row.State != jobs.Running && p.admin.Can(ctx, actionDelete, nil)
	return v, p.related(ctx, row, &v)
}

// jobFacts are what is known about a job.
func jobFacts(ctx context.Context, row *models.OutboxRow, n *numbers) []view.Fact {
	var facts []view.Fact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, view.Fact{Name: name, Value: value})
		}
	}
	add(words.T(ctx, "jobs.job.id"), row.ID)
	add(words.T(ctx, "jobs.job.queue"), row.Queue)
	switch row.Priority {
	case 1:
		add(words.T(ctx, "jobs.job.priority"), words.T(ctx, "jobs.job.high"))
	case -1:
		add(words.T(ctx, "jobs.job.priority"), words.T(ctx, "jobs.job.low"))
	}
	add(words.T(ctx, "jobs.job.attempts"), text.Number(ctx, row.Attempts))
	if row.Losses > 0 {
		add(words.T(ctx, "jobs.job.losses"), text.Number(ctx, row.Losses))
	}
	add(words.T(ctx, "jobs.job.enqueued"), text.Precise(ctx, row.CreatedAt))
	add(words.T(ctx, "jobs.job.due"), text.Precise(ctx, row.RunAt))
	add(words.T(ctx, "jobs.job.started"), moment(ctx, row.StartedAt))
	add(words.T(ctx, "jobs.job.finished"), moment(ctx, row.FinishedAt))
	if row.StartedAt != nil && row.FinishedAt != nil {
		add(words.T(ctx, "jobs.job.ran"), roughly(ctx, row.FinishedAt.Sub(*row.StartedAt)))
	}
	add(words.T(ctx, "jobs.job.cancel_asked"), moment(ctx, row.CancelAskedAt))
	if row.State == jobs.Running {
		if i := slices.IndexFunc(n.workers, func(w inspect.Worker) bool { return w.ID == row.Holder }); i >= 0 {
			worker := n.workers[i]
			add(words.T(ctx, "jobs.job.worker"),
				words.T(ctx, "jobs.worker.on", "host", worker.Host, "pid", strconv.Itoa(worker.PID)))
		}
	}
	add(words.T(ctx, "jobs.job.schedule"), row.Schedule)
	if row.LimitKey != nil {
		add(words.T(ctx, "jobs.job.limit"), *row.LimitKey)
	}
	return facts
}

func progressOf(ctx context.Context, row *models.OutboxRow) string {
	switch {
	case row.ProgressTotal > 0:
		return words.T(ctx, "jobs.job.progress_of", "done", row.ProgressDone, "total", row.ProgressTotal)
	case row.ProgressDone > 0:
		return words.T(ctx, "jobs.job.progress_done", "n", row.ProgressDone)
	}
	return ""
}

// shortened cuts a long text between characters.
func shortened(ctx context.Context, text string) string {
	if len(text) <= longestShown {
		return text
	}
	cut := longestShown
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "\n" + words.T(ctx, "jobs.job.cut", "n", len(text)-cut)
}

// related adds the chain and the batch that a job belongs to.
func (p pages) related(ctx context.Context, row *models.OutboxRow, v *view.Job) error {
	if row.ChainID != nil {
		page, err := p.Jobs.Inspector().Rows(ctx, inspect.Filter{Chain: *row.ChainID}, "", chainShown)
		if err != nil {
			return err
		}
		slices.SortFunc(page.Rows, func(a, b models.OutboxRow) int { return a.ChainIndex - b.ChainIndex })
		for _, other := range page.Rows {
			v.Chain = append(v.Chain, p.jobRow(ctx, &other, nil))
		}
	}
	id := row.BatchID
	if id == nil {
		id = row.CallbackOf
	}
	if id == nil {
		return nil
	}
	batch, err := p.Jobs.Batch(ctx, *id)
	if errors.Is(err, jobs.ErrNoBatch) {
		return nil
	}
	if err != nil {
		return err
	}
	v.BatchURL = p.listPath("all", inspect.Filter{Batch: *id}, "", "")
	v.Batch = []view.Fact{
		{Name: words.T(ctx, "jobs.job.batch_total"), Value: text.Number(ctx, batch.Total)},
		{Name: words.T(ctx, "jobs.job.batch_done"), Value: text.Number(ctx, batch.Done)},
		{Name: words.T(ctx, "jobs.job.batch_failed"), Value: text.Number(ctx, batch.Dead)},
		{Name: words.T(ctx, "jobs.job.batch_cancelled"), Value: text.Number(ctx, batch.Cancelled)},
	}
	if row.CallbackOf != nil {
		v.Batch = append(v.Batch, view.Fact{Name: words.T(ctx, "jobs.job.this"), Value: words.T(ctx, "jobs.job.callback")})
	}
	return nil
}

// changeJob retries, cancels or deletes a job, and records that in the same transaction.
func (p pages) changeJob(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	back := p.admin.Path(c.Param("id"))
	var change func(context.Context, string) error
	var action, done string
	switch form.Get("_action") {
	case "retry":
		action, change, done = actionRetry, p.Jobs.Inspector().Retry, words.T(ctx, "jobs.job.was_retried")
	case "cancel":
		action, change, done = actionCancel, p.Jobs.Cancel, words.T(ctx, "jobs.job.was_cancelled")
	case "delete":
		action, change, done = actionDelete, p.Jobs.Inspector().Delete, words.T(ctx, "jobs.job.was_deleted")
	default:
		return problem.NotFound("")
	}
	if err := p.requireRead(ctx, action); err != nil {
		return err
	}
	row, err := p.job(c)
	if err != nil {
		return err
	}
	if action == actionDelete {
		back = p.listPath(tabOf(row.State), inspect.Filter{}, "", "")
	}
	err = p.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, row.ID); err != nil {
			return err
		}
		return p.record(ctx, action, "jobs", row.ID, map[string]any{"kind": row.Kind})
	})
	if message, known := refusal(ctx, err); known {
		return request.Redirect(c, message, request.Back(p.admin.Path(), form.Get("_back"), back))
	}
	if err != nil {
		return err
	}
	if action == actionCancel && row.State == jobs.Running {
		done = words.T(ctx, "jobs.job.is_stopping")
	}
	p.sampler.Forget()
	return request.Redirect(c, done, request.Back(p.admin.Path(), form.Get("_back"), back))
}
