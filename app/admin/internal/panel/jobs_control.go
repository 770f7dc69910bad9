package panel

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/live"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
)

// ticksShown is how many coming ticks of a schedule are shown.
const ticksShown = 5

// pauseQueue pauses or resumes a queue that exists.
func (s *Server) pauseQueue(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	queue := form.Get("queue")
	change, action, done := s.Jobs.Pause, "jobs.pause", "The queue "+queue+" is paused. Its jobs wait, and those that run go on."
	switch form.Get("_action") {
	case "pause":
	case "resume":
		change, action, done = s.Jobs.Resume, "jobs.resume", "The queue "+queue+" is worked again."
	default:
		return problem.NotFound("")
	}
	if !s.countsJobs(ctx) || !s.Can(ctx, jobsPause, nil) {
		return problem.Forbidden("")
	}
	n, err := s.sampler.Current(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(n.queues, func(q jobs.QueueCounts) bool { return q.Queue == queue }) {
		return problem.NotFound("There is no such queue.")
	}
	err = s.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := change(ctx, queue); err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Event{Action: action, Subject: audit.Subject("queues", queue)})
	})
	if err != nil {
		return err
	}
	s.sampler.Forget()
	return s.sayAndGo(c, done, s.back(form.Get("_back"), s.Base+"/jobs"))
}

// showSchedules lists the schedules that this process declares.
func (s *Server) showSchedules(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.seesJobs(ctx) {
		return problem.Forbidden("")
	}
	n := s.numbers(ctx)
	infos, err := s.Jobs.Schedules(ctx, ticksShown)
	path := s.Base + "/jobs/schedules"
	v := views.Schedules{JobsFrame: s.jobsFrame(c, n, "Schedules", "schedules", views.Link{Text: "Schedules", URL: path}), Path: path}
	if err != nil {
		s.Log.WarnContext(ctx, "the page about schedules has no list", "error", err)
		v.Unread, v.Version = true, live.Unknown
	}
	for _, info := range infos {
		v.Schedules = append(v.Schedules, s.scheduleView(ctx, info))
	}
	return web.Render(c, http.StatusOK, views.SchedulesPage(v))
}

func (s *Server) scheduleView(ctx context.Context, info jobs.ScheduleInfo) views.Schedule {
	zone := info.Location()
	v := views.Schedule{
		Name: info.Name, Spec: info.Spec, Kind: info.Kind, Zone: zone.String(), Last: moment(info.LastTick), CanRun: s.Can(ctx, jobsRun, nil),
	}
	for _, tick := range info.Next {
		v.Next = append(v.Next, tick.In(zone).Format("Mon 2006-01-02 15:04:05 MST"))
	}
	var policy []string
	switch {
	case info.CatchUp == jobs.CatchUpAll:
		policy = append(policy, "all of them are caught up with")
	case info.CatchUp > 0:
		policy = append(policy, "at most "+grouped(info.CatchUp)+" of them are caught up with")
	default:
		policy = append(policy, "skipped")
	}
	if info.SkipOverlap {
		policy = append(policy, "a tick is skipped while the job before it has not ended")
	}
	v.Policy = strings.Join(policy, "; ")
	if info.LastJob != nil {
		v.LastJob = views.Link{Text: "its job: " + stateName(info.LastJob.State), URL: s.Base + "/jobs/" + info.LastJob.ID}
	}
	return v
}

// runSchedule enqueues the job of a schedule now.
func (s *Server) runSchedule(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("_action") != "run" {
		return problem.NotFound("")
	}
	if !s.seesJobs(ctx) || !s.Can(ctx, jobsRun, nil) {
		return problem.Forbidden("")
	}
	name := form.Get("schedule")
	err = s.DB.Transaction(ctx, func(ctx context.Context) error {
		id, err := s.Jobs.RunSchedule(ctx, name)
		if err != nil {
			return err
		}
		return s.Audit.Record(ctx, audit.Event{Action: jobsRun, Subject: audit.Subject("jobs", id), Detail: map[string]any{"schedule": name}})
	})
	if errors.Is(err, jobs.ErrNoSchedule) {
		return problem.NotFound("There is no such schedule.")
	}
	if err != nil {
		return err
	}
	s.sampler.Forget()
	return s.sayAndGo(c, "The job of "+name+" is enqueued.", s.Base+"/jobs/schedules")
}
