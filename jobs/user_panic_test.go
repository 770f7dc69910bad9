package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
)

// badBackoff fails, and its Backoff panics.
type badBackoff struct{}

func (badBackoff) Work(context.Context, struct{}) error { return errors.New("no") }

func (badBackoff) Options() covetjobs.Options {
	return covetjobs.Options{MaxRetry: 1, Backoff: func(n int) time.Duration { return []time.Duration{}[n] }}
}

// badArguments panic when they are decoded.
type badArguments struct{}

func (badArguments) Work(context.Context, struct{}) error { return nil }

func (*badArguments) UnmarshalJSON([]byte) error { panic("no") }

// A panic of the job's own code is counted as a failure: a job that ran again after each lease, uncounted, would send
// its mail for ever.
func TestPanicsAroundTheWork(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := covetjobs.New(covetjobs.Config{PollInterval: 20 * time.Millisecond}, k.db, k.redis, nil)
	covetjobs.Register[badBackoff](c, struct{}{})
	covetjobs.Register[badArguments](c, struct{}{})
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, job := range []any{badBackoff{}, badArguments{}} {
		id, err := c.Enqueue(t.Context(), job)
		if err != nil {
			t.Fatal(err)
		}
		if row := k.awaitState(t, id, covetjobs.Dead); row.LastError == "" {
			t.Errorf("%T: dead without a reason", job)
		}
	}
}
