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

// fetches watches whether asynq goes on fetching tasks. It asks Redis for one again and again, also while there is none
// or a queue is paused, as long as a place for another job is free and Redis answers.
type fetches struct {
	places int

	mu       sync.Mutex
	last     time.Time // when a task was last asked for; zero before the first time
	busy     int       // jobs that run
	full     time.Time // when all places were last taken
	refused  time.Time // when Redis last did not answer
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

// begin takes a place, which the returned function gives back.
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

// stuck reports whether nothing has been fetched for too long although it could have been. Without any fetch seen, as
// with an asynq that fetches in another way, nothing is known.
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

// unavailable reports whether an error means that Redis is unavailable, rather than that asynq asked for what does not
// exist.
func unavailable(err error) bool {
	if err == nil || errors.Is(err, goredis.Nil) {
		return false
	}
	return !strings.HasPrefix(err.Error(), "NOT FOUND") && !strings.HasPrefix(err.Error(), "NOSCRIPT")
}

// watchedRedis is the Redis of a receiver, whose fetching is watched.
type watchedRedis struct {
	goredis.UniversalClient
	fetches *fetches
}

// EvalSha runs a script. asynq fetches with one, the only one that has these keys.
func (w watchedRedis) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *goredis.Cmd {
	if len(keys) == 4 && strings.HasSuffix(keys[0], ":pending") && strings.HasSuffix(keys[1], ":paused") {
		w.fetches.asked()
	}
	cmd := w.UniversalClient.EvalSha(ctx, sha, keys, args...)
	w.fetches.answered(cmd.Err())
	return cmd
}
