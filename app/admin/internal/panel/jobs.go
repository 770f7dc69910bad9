package panel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/live"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/models"
)

// Actions on jobs. Whoever may only count sees how many there are and how they fare: no kind, argument, error or host.
const (
	jobsTitle  = "Jobs"
	jobsCount  = "jobs.count"
	jobsRead   = "jobs.read"
	jobsRetry  = "jobs.retry"
	jobsCancel = "jobs.cancel"
	jobsDelete = "jobs.delete"
	jobsPause  = "jobs.pause"
	jobsRun    = "jobs.run"
)

// jobTab is a list of jobs in the states that people think in.
type jobTab struct {
	name, title string
	empty       string // what a list without jobs says
	states      []jobs.State
	retrying    bool
}

// jobTabs are the lists, in the order in which people ask for them.
func jobTabs() []jobTab {
	waiting := []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}
	return []jobTab{
		{name: "dead", title: "Failed", empty: "No job has failed for good.", states: []jobs.State{jobs.Dead}},
		{name: "waiting", title: "Waiting", empty: "No job waits.", states: waiting},
		{name: "retrying", title: "Retrying", empty: "No job waits for another attempt.", states: waiting, retrying: true},
		{name: "running", title: "Running", empty: "No job runs at the moment.", states: []jobs.State{jobs.Running}},
		{name: "done", title: "Done", empty: "No job is done. Those that were are deleted after jobs.retention.", states: []jobs.State{jobs.Done}},
		{name: "cancelled", title: "Cancelled", empty: "No job is cancelled.", states: []jobs.State{jobs.Cancelled}},
		{name: "all", title: "All", empty: "There are no jobs."},
	}
}

// stateName is what people call a state.
func stateName(state jobs.State) string {
	names := map[jobs.State]string{
		jobs.Held: "Waits for other jobs", jobs.Pending: "Waiting", jobs.Dispatched: "Handed over", jobs.Running: "Running",
		jobs.Done: "Done", jobs.Dead: "Failed", jobs.Cancelled: "Cancelled",
	}
	return names[state]
}

// seesJobs reports whether whoever acts may see jobs themselves.
func (s *Server) seesJobs(ctx context.Context) bool {
	return s.Jobs != nil && s.Can(ctx, jobsRead, nil)
}

// countsJobs reports whether whoever acts may see how many jobs there are.
func (s *Server) countsJobs(ctx context.Context) bool {
	return s.seesJobs(ctx) || (s.Jobs != nil && s.Can(ctx, jobsCount, nil))
}

func (s *Server) registerJobs(g *echo.Group) {
	g.GET("/jobs", s.jobsOverview)
	g.GET("/jobs/list", s.listJobs)
	g.GET("/jobs/events", s.jobEvents)
	g.GET("/jobs/schedules", s.showSchedules)
	g.POST("/jobs/schedules", s.runSchedule)
	g.POST("/jobs/queues", s.pauseQueue)
	g.POST("/jobs/bulk", s.bulkJobs)
	g.GET("/jobs/:id", s.showJob)
	g.POST("/jobs/:id", s.changeJob)
}

// jobNumbers are what the pages about jobs show besides rows, at one moment.
type jobNumbers struct {
	queues  []jobs.QueueCounts
	workers []jobs.Worker
	hour    []jobs.Stat
	jobs    map[string]string // versions of the jobs whose pages are open, by their ids
	at      time.Time
	version string

	noStats  bool // the statistics could not be read
	noRelay  bool // this process cannot hand jobs over, as Redis does not answer
	unlooked bool // all of this could not be read, and is of an earlier time; of no time if at is zero
}

// jobSource is where the sampler looks.
type jobSource struct{ server *Server }

var _ live.Source[*jobNumbers] = jobSource{}

// Look reads the numbers, and the jobs whose pages are open, in four statements and one for each queue. Where only the
// statistics cannot be read, the rest is there.
func (j jobSource) Look(ctx context.Context, ids []string) (*jobNumbers, error) {
	client := j.server.Jobs
	n := &jobNumbers{jobs: map[string]string{}, at: time.Now(), noRelay: client.Health(ctx) != nil}
	var err error
	if n.queues, err = client.Queues(ctx); err != nil {
		return nil, err
	}
	if n.workers, err = client.Workers(ctx); err != nil {
		return nil, err
	}
	if n.hour, err = client.Stats(ctx, jobs.StatsQuery{}); err != nil {
		n.noStats = true
	}
	j.server.logStats(ctx, err)
	if len(ids) > 0 {
		var rows []models.OutboxRow
		err := j.server.DB.With(ctx).Omit("payload", "last_error", "last_stack", "result", "meta").Where("id IN ?", ids).Find(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("looking at jobs: %w", err)
		}
		for _, row := range rows {
			n.jobs[row.ID] = jobVersion(&row)
		}
	}
	n.version = digest(n.queues, sightings(n.workers), n.hour, n.noStats, n.noRelay)
	return n, nil
}

// logStats says once that the statistics cannot be read, and once that they can.
func (s *Server) logStats(ctx context.Context, err error) {
	if failed := err != nil; s.statsFailed.Swap(failed) == failed || ctx.Err() != nil {
		return
	}
	if err != nil {
		s.Log.WarnContext(ctx, "the statistics of jobs cannot be read", "error", err)
		return
	}
	s.Log.InfoContext(ctx, "the statistics of jobs can be read again")
}

// numbers are the present ones. When they cannot be read, which the sampler logs, they are those that were read last, or none,
// and say so: a page has more to show than numbers, and follows them when they are back.
func (s *Server) numbers(ctx context.Context) *jobNumbers {
	latest, err := s.sampler.Current(ctx)
	if err == nil {
		return latest
	}
	n := jobNumbers{jobs: map[string]string{}}
	if latest != nil {
		n = *latest
	}
	n.unlooked, n.version = true, live.Unknown
	return &n
}

// fault says why numbers are missing, or old; empty if they are neither.
func (n *jobNumbers) fault() string {
	switch {
	case n.unlooked && n.at.IsZero():
		return "How jobs fare cannot be read, as the database does not answer. This page follows as soon as it does."
	case n.unlooked:
		return "How jobs fare cannot be read, as the database does not answer. Shown is what was known at " + moment(&n.at) + "."
	case n.noRelay:
		return "This process cannot hand jobs to workers at the moment, as Redis or the database does not answer it. They wait, and none is lost."
	}
	return ""
}

// Version is that of one job, or of all numbers.
func (jobSource) Version(n *jobNumbers, job string) string {
	if job != "" {
		return n.jobs[job]
	}
	return n.version
}

// sightings leaves out when workers were last seen, which changes all the time.
func sightings(workers []jobs.Worker) []jobs.Worker {
	list := slices.Clone(workers)
	for i := range list {
		list[i].SeenAt = time.Time{}
	}
	return list
}

// jobVersion changes with what the page of a job shows.
func jobVersion(row *models.OutboxRow) string {
	return digest(row.State, row.Attempts, row.Delivery, row.RunAt.UTC(), row.StartedAt, row.FinishedAt, row.ProgressDone, row.ProgressTotal, row.CancelAskedAt)
}

// digest shortens what JSON can carry.
func digest(values ...any) string {
	hash := fnv.New64a()
	if err := json.NewEncoder(hash).Encode(values); err != nil {
		return ""
	}
	return strconv.FormatUint(hash.Sum64(), 36)
}

// jobsFrame is what stands around each page about jobs. The version is that of the numbers, or of the job.
func (s *Server) jobsFrame(c echo.Context, n *jobNumbers, title, current string, crumbs ...views.Link) views.JobsFrame {
	ctx := c.Request().Context()
	crumbs = append([]views.Link{{Text: jobsTitle, URL: s.Base + "/jobs"}}, crumbs...)
	f := views.JobsFrame{Frame: s.frame(ctx, title, nil, crumbs...), Fault: n.fault()}
	for i := range f.Nav {
		for j := range f.Nav[i].Links {
			if f.Nav[i].Links[j].URL == s.Base+"/jobs" {
				f.Nav[i].Links[j].Current = true
			}
		}
	}
	f.Live = views.Live{Events: s.Base + "/jobs/events", Version: n.version, Self: c.Request().URL.RequestURI()}
	f.Tabs = []views.Tab{{Link: views.Link{Text: "Overview", URL: s.Base + "/jobs", Current: current == ""}}}
	if !s.seesJobs(ctx) {
		return f
	}
	for _, tab := range jobTabs() {
		link := views.Link{Text: tab.title, URL: s.Base + "/jobs/list?state=" + tab.name, Current: tab.name == current}
		f.Tabs = append(f.Tabs, views.Tab{Link: link, Count: n.count(tab)})
	}
	f.Tabs = append(f.Tabs, views.Tab{Link: views.Link{Text: "Schedules", URL: s.Base + "/jobs/schedules", Current: current == "schedules"}})
	return f
}

// count is how many jobs a tab has; empty where that is not known, or of no interest.
func (n *jobNumbers) count(tab jobTab) string {
	if tab.retrying || len(tab.states) == 0 || n.at.IsZero() {
		return ""
	}
	sum := 0
	for _, q := range n.queues {
		for _, state := range tab.states {
			sum += q.Counts[state]
		}
	}
	return grouped(sum)
}

// hints are what needs attention.
func (s *Server) hints(ctx context.Context, n *jobNumbers) []views.Hint {
	var list []views.Hint
	sees := s.seesJobs(ctx)
	add := func(text, path, action string) {
		hint := views.Hint{Text: text}
		if sees || path == "/jobs" {
			hint.URL, hint.Action = s.Base+path, action
		}
		list = append(list, hint)
	}
	dead, working := 0, false
	for _, q := range n.queues {
		dead += q.Counts[jobs.Dead]
	}
	for _, w := range n.workers {
		working = working || (w.Works && w.Alive)
	}
	if dead > 0 {
		add(plural(dead, "job has", "jobs have")+" failed for good.", "/jobs/list?state=dead", "Look at them")
	}
	for _, q := range n.queues {
		switch {
		case q.PausedAt != nil:
			add("The queue "+q.Queue+" is paused.", "/jobs", "Look at it")
		case q.Oldest != nil && q.Workers == 0 && working:
			add("Jobs wait in the queue "+q.Queue+", and no worker works it.", "/jobs/list?state=waiting&queue="+url.QueryEscape(q.Queue), "Look at them")
		case q.Oldest != nil && q.Workers == 0:
			add("Jobs wait in the queue "+q.Queue+", and no worker runs.", "/jobs/list?state=waiting&queue="+url.QueryEscape(q.Queue), "Look at them")
		}
	}
	return list
}

// jobFailure is what people are told about a change that did not happen; nil for an error that is one.
func jobFailure(err error) (message string, known bool) {
	switch {
	case errors.Is(err, jobs.ErrNotEnded), errors.Is(err, jobs.ErrRunning), errors.Is(err, jobs.ErrNotWaiting), errors.Is(err, jobs.ErrNoJob):
		return "Nothing was done: the job has moved on meanwhile.", true
	case errors.Is(err, jobs.ErrDuplicate):
		return "Nothing was done: the job is unique, and has been enqueued again.", true
	}
	return "", false
}

func moment(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	shown, _ := shownTime(*t)
	return shown
}

// age says how long something has been, as people say it.
func age(since time.Time) string {
	d := max(time.Since(since), 0)
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return plural(int(d.Hours()/24), "day", "days")
}
