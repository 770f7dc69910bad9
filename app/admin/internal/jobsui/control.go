package jobsui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

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
)

// ticksShown is how many coming ticks of a schedule are shown.
const ticksShown = 5

// pauseQueue pauses or resumes a queue that exists.
func (p pages) pauseQueue(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	queue := form.Get("queue")
	change, action := p.Jobs.Inspector().Pause, actionPause
	done := words.T(ctx, "jobs.queue.was_paused", "queue", queue)
	switch form.Get("_action") {
	case "pause":
	case "resume":
		change, action = p.Jobs.Inspector().Resume, "jobs.resume"
		done = words.T(ctx, "jobs.queue.was_resumed", "queue", queue)
	default:
		return problem.NotFound("")
	}
	if !p.admin.Can(ctx, actionPause, nil) {
		return problem.Forbidden("")
	}
	n, err := p.sampler.Current(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(n.queues, func(q inspect.QueueCounts) bool { return q.Queue == queue }) {
		return problem.NotFound(words.T(ctx, "jobs.queue.none_such"))
	}
	err = p.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, queue); err != nil {
			return err
		}
		return p.record(ctx, action, "queues", queue, nil)
	})
	if err != nil {
		return err
	}
	p.sampler.Forget()
	return request.Redirect(c, done, request.Back(p.admin.Path(), form.Get("_back"), p.admin.Path()))
}

// showSchedules lists the schedules that this process declares.
func (p pages) showSchedules(c echo.Context) error {
	ctx := c.Request().Context()
	if err := p.requireRead(ctx); err != nil {
		return err
	}
	n := p.numbers(ctx)
	infos, err := p.Jobs.Inspector().Schedules(ctx, ticksShown)
	path := p.admin.Path("schedules")
	v := view.Schedules{Frame: p.frame(c, n, words.T(ctx, "jobs.schedules"), "schedules"), Path: path}
	if err != nil {
		p.Log.WarnContext(ctx, "the page about schedules has no list", "error", err)
		v.Unread, v.Version = true, live.Unknown
	}
	for _, info := range infos {
		v.Schedules = append(v.Schedules, p.scheduleView(ctx, info))
	}
	return p.render(c, v.Title, view.SchedulesPage(v), covet.Breadcrumb{Title: v.Title, URL: path})
}

func (p pages) scheduleView(ctx context.Context, info inspect.ScheduleInfo) view.Schedule {
	zone := info.Location()
	local := text.WithLocale(ctx, text.LocaleOf(ctx).In(zone)) // the page names the time zone
	v := view.Schedule{
		Name: info.Name, Spec: info.Spec, Kind: info.Kind, Zone: zone.String(), Last: moment(local, info.LastTick),
		CanRun: p.admin.Can(ctx, actionRun, nil),
	}
	for _, tick := range info.Next {
		v.Next = append(v.Next, text.Precise(local, tick))
	}
	var policy []string
	switch {
	case info.CatchUp == jobs.CatchUpAll:
		policy = append(policy, words.T(ctx, "jobs.schedule.catch_up_all"))
	case info.CatchUp > 0:
		policy = append(policy, words.T(ctx, "jobs.schedule.catch_up", "n", info.CatchUp))
	default:
		policy = append(policy, words.T(ctx, "jobs.schedule.skipped"))
	}
	if info.SkipOverlap {
		policy = append(policy, words.T(ctx, "jobs.schedule.overlap"))
	}
	v.Policy = strings.Join(policy, ". ") + "."
	if info.LastJob != nil {
		v.LastJob = view.Link{Text: words.T(ctx, "jobs.schedule.last_job", "state", stateName(ctx, info.LastJob.State)), URL: p.admin.Path(info.LastJob.ID)}
	}
	return v
}

// moment returns a time with seconds; "" for none.
func moment(ctx context.Context, t *time.Time) string {
	if t == nil {
		return ""
	}
	return text.Precise(ctx, *t)
}

// runSchedule enqueues the job of a schedule now.
func (p pages) runSchedule(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	if form.Get("_action") != "run" {
		return problem.NotFound("")
	}
	if err := p.requireRead(ctx, actionRun); err != nil {
		return err
	}
	name := form.Get("schedule")
	err = p.DB.Transaction(ctx, func(ctx context.Context) error {
		id, err := p.Jobs.RunSchedule(ctx, name)
		if err != nil {
			return err
		}
		return p.record(ctx, actionRun, "jobs", id, map[string]any{"schedule": name})
	})
	if errors.Is(err, jobs.ErrNoSchedule) {
		return problem.NotFound(words.T(ctx, "jobs.schedule.none_such"))
	}
	if err != nil {
		return err
	}
	p.sampler.Forget()
	return request.Redirect(c, words.T(ctx, "jobs.schedule.enqueued", "schedule", name), p.admin.Path("schedules"))
}
