package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// A job that kills each worker that runs it ends as dead; what is lost in between is counted, and forgotten by a run that
// comes to an end.
func TestJobThatLosesItsWorkers(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{MaxLosses: 3}, w)
		id := enqueue(t, c, Probe{Name: "poison"})
		lose := func() {
			expired := time.Now().UTC().Add(-time.Second)
			err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", id).
				Updates(map[string]any{"state": covetjobs.Running, "holder": "gone", "lease_until": expired}).Error
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil { // takes over what is running
				t.Fatal(err)
			}
			stop(t, c)
		}
		w.on("poison", func(context.Context) error { return errors.New("no") })
		if err := c.Pause(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		for want := 1; want <= 2; want++ {
			lose()
			if row := k.row(t, id); row.Losses != want || row.Attempts != 0 || (row.State != covetjobs.Pending && row.State != covetjobs.Dispatched) {
				t.Fatalf("after %d losses: %s, %d losses, %d attempts", want, row.State, row.Losses, row.Attempts)
			}
		}
		lose()
		row := k.row(t, id)
		if row.State != covetjobs.Dead || !strings.Contains(row.LastError, "lost 3 times in a row") || row.FinishedAt == nil {
			t.Errorf("after the last loss: %s, %q", row.State, row.LastError)
		}
		if w.count("poison") != 0 {
			t.Error("the job ran in a paused queue")
		}
		if err := c.Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		lose()
		if err := c.Resume(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		_ = c.Drain(t.Context()) // its error is the job's
		if row := k.row(t, id); row.Losses != 0 || row.Attempts == 0 {
			t.Errorf("after a run that failed: %d losses, %d attempts", row.Losses, row.Attempts)
		}
	})
}

func TestCancelledJobOfALostWorker(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		id := enqueue(t, c, Probe{Name: "x"})
		err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", id).
			Updates(map[string]any{"state": covetjobs.Running, "holder": "gone", "lease_until": time.Now().UTC()}).Error
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, id, covetjobs.Cancelled)
	})
}
