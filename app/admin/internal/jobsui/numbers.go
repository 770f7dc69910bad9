package jobsui

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/models"
)

// numbers are what the pages show besides rows, at one moment.
type numbers struct {
	queues  []inspect.QueueCounts
	workers []inspect.Worker
	hour    []inspect.Stat
	jobs    map[string]string // versions of the jobs whose pages are open, by their ids
	at      time.Time
	version string

	noStats bool // the statistics could not be read
	noRelay bool // this process cannot hand jobs over, as Redis is down
	stale   bool // the numbers could not be read: they are earlier ones, or none if at is zero
}

// source reads the numbers for the sampler.
type source struct{ *monitor }

var _ live.Source[*numbers] = source{}

// Look reads the numbers, and the jobs whose pages are open, in four statements and one for each queue. If only the
// statistics cannot be read, it returns the rest.
func (s source) Look(ctx context.Context, ids []string) (*numbers, error) {
	n := &numbers{jobs: map[string]string{}, at: time.Now(), noRelay: s.Jobs.Health(ctx) != nil}
	var err error
	if n.queues, err = s.Jobs.Inspector().Queues(ctx); err != nil {
		return nil, err
	}
	if n.workers, err = s.Jobs.Inspector().Workers(ctx); err != nil {
		return nil, err
	}
	if n.hour, err = s.Jobs.Inspector().Stats(ctx, inspect.StatsQuery{}); err != nil {
		n.noStats = true
	}
	s.logStats(ctx, err)
	if len(ids) > 0 {
		var rows []models.OutboxRow
		columns := []string{"payload", "last_error", "last_stack", "result", "meta"}
		if err := s.DB.With(ctx).Omit(columns...).Where("id IN ?", ids).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("reading jobs: %w", err)
		}
		for _, row := range rows {
			n.jobs[row.ID] = jobVersion(&row)
		}
	}
	n.version = digest(n.queues, withoutSeenAt(n.workers), n.hour, n.noStats, n.noRelay)
	return n, nil
}

// Version is that of one job, or of all numbers.
func (source) Version(n *numbers, job string) string {
	if job != "" {
		return n.jobs[job]
	}
	return n.version
}

// logStats logs once that the statistics cannot be read, and once that they can be read again.
func (m *monitor) logStats(ctx context.Context, err error) {
	if failed := err != nil; m.statsFailed.Swap(failed) == failed || ctx.Err() != nil {
		return
	}
	if err != nil {
		m.Log.WarnContext(ctx, "the statistics of jobs cannot be read", "error", err)
		return
	}
	m.Log.InfoContext(ctx, "the statistics of jobs can be read again")
}

// numbers returns the present numbers. When they cannot be read, which the sampler logs, it returns the last ones, or
// none, marked as stale: a page has more to show than numbers, and is updated when they can be read again.
func (m *monitor) numbers(ctx context.Context) *numbers {
	latest, err := m.sampler.Current(ctx)
	if err == nil {
		return latest
	}
	n := numbers{jobs: map[string]string{}}
	if latest != nil {
		n = *latest
	}
	n.stale, n.version = true, live.Unknown
	return &n
}

// fault says why numbers are missing or old; it is empty if they are neither.
func (n *numbers) fault(ctx context.Context) string {
	switch {
	case n.stale && n.at.IsZero():
		return words.T(ctx, "jobs.fault.none")
	case n.stale:
		return words.T(ctx, "jobs.fault.stale", "at", text.Precise(ctx, n.at))
	case n.noRelay:
		return words.T(ctx, "jobs.fault.relay")
	}
	return ""
}

// count writes how many jobs a list has; it is empty if that is not known or not counted.
func (n *numbers) count(ctx context.Context, tab tab) string {
	if tab.retrying || len(tab.states) == 0 || n.at.IsZero() {
		return ""
	}
	sum := 0
	for _, q := range n.queues {
		sum += inStates(q, tab.states)
	}
	return text.Number(ctx, sum)
}

// inStates returns how many jobs of a queue are in one of the states.
func inStates(q inspect.QueueCounts, states []jobs.State) int {
	sum := 0
	for _, state := range states {
		sum += q.Counts[state]
	}
	return sum
}

// hints are what needs attention. Without the permission to see jobs, they link to the overview only.
func (p pages) hints(ctx context.Context, n *numbers) []view.Hint {
	var list []view.Hint
	reads := p.readsJobs(ctx)
	add := func(sentence, url, action string) {
		hint := view.Hint{Text: sentence}
		if reads || url == p.admin.Path() {
			hint.URL, hint.Action = url, action
		}
		list = append(list, hint)
	}
	dead := 0
	for _, q := range n.queues {
		dead += q.Counts[jobs.Dead]
	}
	working := slices.ContainsFunc(n.workers, func(w inspect.Worker) bool { return w.Works && w.Alive })
	if dead > 0 {
		failed := words.T(ctx, "jobs.hint.dead", "n", dead)
		add(failed, p.admin.Path("list")+"?state=dead", words.T(ctx, "jobs.hint.show_jobs"))
	}
	for _, q := range n.queues {
		waiting := p.admin.Path("list") + "?state=waiting&queue=" + url.QueryEscape(q.Queue)
		switch {
		case q.PausedAt != nil:
			add(words.T(ctx, "jobs.hint.paused", "queue", q.Queue), p.admin.Path(), words.T(ctx, "jobs.hint.show_queue"))
		case q.Oldest != nil && q.Workers == 0 && working:
			add(words.T(ctx, "jobs.hint.unserved", "queue", q.Queue), waiting, words.T(ctx, "jobs.hint.show_jobs"))
		case q.Oldest != nil && q.Workers == 0:
			add(words.T(ctx, "jobs.hint.no_worker", "queue", q.Queue), waiting, words.T(ctx, "jobs.hint.show_jobs"))
		}
	}
	return list
}

// withoutSeenAt leaves out when workers were last seen, which changes all the time.
func withoutSeenAt(workers []inspect.Worker) []inspect.Worker {
	list := slices.Clone(workers)
	for i := range list {
		list[i].SeenAt = time.Time{}
	}
	return list
}

// jobVersion changes with what the page of a job shows.
func jobVersion(row *models.OutboxRow) string {
	return digest(row.State, row.Attempts, row.Delivery, row.RunAt.UTC(), row.StartedAt, row.FinishedAt,
		row.ProgressDone, row.ProgressTotal, row.CancelAskedAt)
}

// digest returns a short text that changes with the values, which JSON can carry.
func digest(values ...any) string {
	hash := fnv.New64a()
	if err := json.NewEncoder(hash).Encode(values); err != nil {
		return ""
	}
	return strconv.FormatUint(hash.Sum64(), 36)
}
