package apptest

import (
	"sync"
	"time"

	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

// clock is the current time plus the duration of all calls of Travel.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

// DrainJobs runs all jobs that are due, and those that they enqueue, in the goroutine of the test. It fails the test if
// a job fails.
func (a *App) DrainJobs() {
	a.t.Helper()
	if err := a.Jobs.Drain(a.t.Context()); err != nil {
		a.t.Errorf("draining jobs: %v", err)
	}
}

// Travel moves the clock of the jobs forward, so that delayed jobs and retries are due at the next DrainJobs:
//
//	a.Travel(24 * time.Hour)
//	a.DrainJobs()
//
// The rest of the application is not affected.
func (a *App) Travel(d time.Duration) {
	a.clock.mu.Lock()
	defer a.clock.mu.Unlock()
	a.clock.offset += d
}

// Enqueue enqueues a job and returns its id. It fails the test on an error.
func (a *App) Enqueue(job any, opts ...jobs.EnqueueOption) string {
	a.t.Helper()
	id, err := a.Jobs.Enqueue(a.t.Context(), job, opts...)
	if err != nil {
		a.t.Fatalf("enqueuing %T: %v", job, err)
	}
	return id
}

// RunJob runs a job in the goroutine of the test, without storing it, and returns
// its error.
func (a *App) RunJob(job any) error {
	a.t.Helper()
	return a.Jobs.Run(a.t.Context(), job)
}

// Enqueued returns the waiting jobs of a type, including delayed ones, in the order in which they are due:
//
//	for _, job := range apptest.Enqueued[appjobs.Welcome](a) {
//		…
//	}
func Enqueued[J any](a *App) []J {
	a.t.Helper()
	waiting := inspect.Filter{States: []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}}
	var found []J
	cursor := ""
	for {
		page, err := a.Jobs.Inspector().Rows(a.t.Context(), waiting, cursor, 500)
		if err != nil {
			a.t.Fatalf("listing jobs: %v", err)
		}
		for _, row := range page.Rows {
			if row.Kind != jobs.KindOf[J]() {
				continue
			}
			job, err := jobs.DecodeArguments[J](a.Jobs, &row)
			if err != nil {
				a.t.Fatalf("reading an enqueued job: %v", err)
			}
			found = append([]J{job}, found...) // pages begin with the latest
		}
		if cursor = page.Next; cursor == "" {
			return found
		}
	}
}

// MustEnqueued returns the only waiting job of a type that match accepts, and otherwise fails the test. A nil match
// accepts all.
//
//	job := apptest.MustEnqueued(a, func(j appjobs.Welcome) bool { return j.UserID == user.ID })
func MustEnqueued[J any](a *App, match func(J) bool) J {
	a.t.Helper()
	var accepted []J
	all := Enqueued[J](a)
	for _, job := range all {
		if match == nil || match(job) {
			accepted = append(accepted, job)
		}
	}
	if len(accepted) != 1 {
		a.t.Fatalf("%d matching jobs %s are waiting, want one; all of them: %+v", len(accepted), jobs.KindOf[J](), all)
	}
	return accepted[0]
}
