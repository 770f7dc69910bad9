package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

func TestDrain(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		w.on("parent", func(ctx context.Context) error {
			_, err := c.Enqueue(ctx, Probe{Name: "child"})
			return err
		})
		w.on("broken", func(context.Context) error { return covetjobs.Permanent(errors.New("no such user")) })
		for _, name := range []string{"parent", "broken"} {
			enqueue(t, c, Probe{Name: name})
		}
		enqueue(t, c, Probe{Name: "later"}, covetjobs.In(time.Hour))
		err := c.Drain(t.Context())
		if err == nil || !strings.Contains(err.Error(), "no such user") || !strings.Contains(err.Error(), "job probe ") {
			t.Errorf("draining: %v, want the error of the broken job", err)
		}
		if w.count("parent") != 1 || w.count("child") != 1 || w.count("broken") != 1 || w.count("later") != 0 {
			t.Errorf("runs: %v", w.runs)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Errorf("draining again: %v", err)
		}
	})
}

func TestInfoAndLogger(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	var info covetjobs.Execution
	w := newWork().on("x", func(ctx context.Context) error {
		info, _ = covetjobs.Info(ctx)
		covetjobs.Logger(ctx).InfoContext(ctx, "from within")
		return nil
	})
	c := k.client(t, covetjobs.Config{}, w)
	id := enqueue(t, c, Probe{Name: "x"})
	if err := c.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := (covetjobs.Execution{ID: id, Kind: "probe", Queue: "default", Attempt: 1}); info != want {
		t.Errorf("info %+v, want %+v", info, want)
	}
	if len(k.log.having("from within")) != 1 {
		t.Error("the logger of the job did not log")
	}
	if _, ok := covetjobs.Info(t.Context()); ok {
		t.Error("a context outside of jobs has info")
	}
	if covetjobs.Logger(t.Context()).Enabled(t.Context(), slog.LevelError) {
		t.Error("the logger outside of jobs logs")
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{Retention: time.Minute}, newWork())
		at := time.Now().UTC().Truncate(time.Microsecond)
		key := "schedule:tick:1"
		old := func(id string, state covetjobs.State, age time.Duration, key *string) {
			ended := at.Add(-age)
			row := covetmodels.OutboxRow{
				ID: id, Kind: "probe", Queue: "default", Payload: "{}", State: state, UniqueKey: key,
				CreatedAt: ended, RunAt: ended, FinishedAt: &ended,
			}
			if err := k.db.With(t.Context()).Create(&row).Error; err != nil {
				t.Fatal(err)
			}
		}
		old("old done", covetjobs.Done, 2*time.Minute, nil)
		old("old cancelled", covetjobs.Cancelled, 2*time.Minute, nil)
		old("new done", covetjobs.Done, time.Second, nil)
		old("tick", covetjobs.Done, 2*time.Minute, &key)
		old("dead", covetjobs.Dead, 2*time.Minute, nil)
		old("long dead", covetjobs.Dead, 31*24*time.Hour, nil)
		if err := c.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left []string
		if err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Order("id").Pluck("id", &left).Error; err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(left, ", "); got != "dead, new done, tick" {
			t.Errorf("left: %s; want dead, new done and tick", got)
		}
	})
}
