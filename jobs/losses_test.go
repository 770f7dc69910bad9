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

// A job that kills each worker that runs it ends as dead; what is lost in between is counted, and forgotten by a run
// that comes to an end.
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
		if err := c.Inspector().Pause(t.Context(), "default"); err != nil {
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
		if err := c.Inspector().Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		lose()
		if err := c.Inspector().Resume(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		_ = c.Drain(t.Context()) // its error is the job's
		if row := k.row(t, id); row.Losses != 0 || row.Attempts == 0 {
			t.Errorf("after a run that failed: %d losses, %d attempts", row.Losses, row.Attempts)
		}
	})
}

// Jobs that have lost four workers lose the fifth: dead are those that must be what kills it.
func TestJobsThatLoseTheirWorkersBesideOthers(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		if err := c.Inspector().Pause(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		now := time.Now().UTC().Truncate(time.Microsecond)
		lost := func(id string, seen time.Duration, suspects int) {
			row := covetmodels.JobWorker{ID: id, Works: true, Queues: "{}", SeenAt: now.Add(-seen), Suspects: suspects}
			if err := k.db.With(t.Context()).Create(&row).Error; err != nil {
				t.Fatal(err)
			}
		}
		jobs := []struct {
			name, holder string
			losses       int
			started      time.Duration // ago, after more than a minute of waiting
			want         covetjobs.State
		}{
			{"alone", "1", 4, 10 * time.Minute, covetjobs.Dead},
			{"beside another suspect", "2", 4, 20 * time.Minute, covetjobs.Pending},
			{"beside another suspect", "2", 4, 20 * time.Minute, covetjobs.Pending},
			{"beside an invalid one", "3", 4, 20 * time.Minute, covetjobs.Dead},
			{"none", "3", 3, 20 * time.Minute, covetjobs.Pending},
			{"beside a suspect that was put back before", "4", 4, 20 * time.Minute, covetjobs.Pending},
			{"when others were lost while it waited", "5", 4, 30 * time.Minute, covetjobs.Pending},
			{"too often", "6", 14, 30 * time.Minute, covetjobs.Dead},
			{"when others were lost because of a suspect", "7", 4, 40 * time.Minute, covetjobs.Dead},
		}
		for seen, suspects := range map[time.Duration]int{
			11*time.Minute + time.Second:    0, // before the first one waited for the last time
			10 * time.Minute:                0, // perhaps after it was started
			30*time.Minute + 40*time.Second: 0,
			40*time.Minute + 40*time.Second: 1,
		} {
			lost(seen.String(), seen, suspects)
		}
		lost("2", 19*time.Minute, 0)
		lost("4", 19*time.Minute, 1)
		ids := make([]string, len(jobs))
		for i, job := range jobs {
			ids[i] = enqueue(t, c, Probe{Name: job.name})
			started := now.Add(-job.started)
			err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", ids[i]).Updates(map[string]any{
				"state": covetjobs.Running, "holder": job.holder, "lease_until": now, "losses": job.losses,
				"run_at": started, "started_at": started,
			}).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil { // takes over what is running
			t.Fatal(err)
		}
		for i, job := range jobs {
			row := k.row(t, ids[i])
			if row.State != job.want || row.Losses != job.losses+1 {
				t.Errorf("%s: %s with %d losses, want %s with %d", job.name, row.State, row.Losses, job.want, job.losses+1)
			}
			if wait := time.Until(row.RunAt); row.State == covetjobs.Pending && wait < 40*time.Second {
				t.Errorf("%s: runs again in %v", job.name, wait)
			}
		}
		var worker covetmodels.JobWorker
		if err := k.db.With(t.Context()).Take(&worker, "id = ?", "2").Error; err != nil {
			t.Fatal(err)
		}
		if worker.Suspects != 2 {
			t.Errorf("%d suspects noted, want both", worker.Suspects)
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
