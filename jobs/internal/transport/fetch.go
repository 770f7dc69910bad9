package transport

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/jobs/internal/job"
)

// fetches observes whether asynq continues to fetch tasks. It polls Redis continuously, also while there is no task or
// a queue is paused, as long as it may start another job and Redis responds.
type fetches struct {
	places int

	mu       sync.Mutex
	last     time.Time // time of the last poll; zero before the first one
	busy     int       // running jobs
	full     time.Time // when all slots were last taken
	refused  time.Time // when Redis last failed to respond
	finished bool
}

func (f *fetches) asked() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = time.Now()
}

func (f *fetches) answered(err error) {
	if !unavailable(err) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = time.Now()
}

// begin takes a slot, which the returned function releases.
func (f *fetches) begin() (end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.busy >= f.places {
			f.full = time.Now()
		}
		f.busy--
	}
}

// end is called before asynq is stopped.
func (f *fetches) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.finished = true
}

// stuck reports whether nothing has been fetched for too long although deliveries could have been. Before the first
// observed poll it returns false, because asynq may fetch in another way.
func (f *fetches) stuck(at time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last.IsZero() || f.finished || f.busy >= f.places {
		return false
	}
	for _, reason := range []time.Time{f.last, f.full, f.refused} {
		if at.Sub(reason) <= job.StuckAfter {
			return false
		}
	}
	return true
}

// unavailable reports whether an error means that Redis is unavailable, and not that asynq requested something that
// does not exist.
func unavailable(err error) bool {
	if err == nil || errors.Is(err, goredis.Nil) {
		return false
	}
	return !strings.HasPrefix(err.Error(), "NOT FOUND") && !strings.HasPrefix(err.Error(), "NOSCRIPT")
}

// watchedRedis is the Redis client of a receiver whose polls are observed.
type watchedRedis struct {
	goredis.UniversalClient
	fetches *fetches
}

// EvalSha runs a script. asynq fetches with the only script that has these keys.
func (w watchedRedis) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *goredis.Cmd {
	if len(keys) == 4 && strings.HasSuffix(keys[0], ":pending") && strings.HasSuffix(keys[1], ":paused") {
		w.fetches.asked()
	}
	cmd := w.UniversalClient.EvalSha(ctx, sha, keys, args...)
	w.fetches.answered(cmd.Err())
	return cmd
}
