package relay

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// A job whose worker disappeared has not failed and runs again immediately, because usually a machine was restarted.
// But a job can also be poison that kills its worker, by using up the memory or by ending the process. So each row
// counts its consecutive losses, and after MaxLosses of them the job is dead, if it must have been the reason:
//
//   - From the second loss on, its next run is delayed by a random time, which separates the poison from jobs that only
//     ran beside it. Jobs that have lost nearly all their workers are suspects. With several suspects in one worker none is
//     certain to be poison, and they are delayed again.
//   - If a worker without a suspect of its own was lost while the job waited, workers are lost for another reason. Then
//     the job runs once more.
//
// Jobs for which this stays unclear are dead after three times as many losses.

// unclearLosses multiplies MaxLosses for jobs that may not be the reason.
const unclearLosses = 3

// Lost provides and changes the rows of lost workers.
type Lost interface {
	Now() time.Time
	LostRows(ctx context.Context, lost store.Lost) ([]job.Row, error)
	Rescue(ctx context.Context, lost store.Lost, p store.RescueParams) (int, error)
	DiscardLost(ctx context.Context, lost store.Lost, p store.DiscardLostParams) (bool, error)
	CancelLost(ctx context.Context, lost store.Lost, id string) (bool, error)
	SuspectTimes(ctx context.Context, losses int, from, to time.Time) ([]time.Time, error)
	Suspects(ctx context.Context, holders []string, losses int) (map[string]int, error)
	AddSuspect(ctx context.Context, worker string) error
	OthersLost(ctx context.Context, worker string, from, to time.Time) (bool, error)
}

// Counter counts the ends of runs for the statistics. A negative wait is unknown.
type Counter interface {
	Count(at time.Time, queue string, end job.State, took, waited time.Duration)
}

// Rescuer returns the rows of lost workers to pending.
type Rescuer struct {
	rows      Lost
	counter   Counter
	maxLosses int
	log       *slog.Logger
}

// NewRescuer returns a rescuer that ends jobs after maxLosses consecutive losses.
func NewRescuer(rows Lost, counter Counter, maxLosses int, log *slog.Logger) *Rescuer {
	return &Rescuer{rows: rows, counter: counter, maxLosses: maxLosses, log: log}
}

// Rescue returns lost rows to pending, or ends those that have lost too many workers, and returns how many rows it
// changed.
func (r *Rescuer) Rescue(ctx context.Context, lost store.Lost) (int, error) {
	total := 0
	for {
		rows, err := r.rows.LostRows(ctx, lost)
		if err != nil || len(rows) == 0 {
			return total, err
		}
		changed, err := r.rescueBatch(ctx, lost, rows)
		total += changed
		if err != nil || len(rows) < store.MaintenanceBatch {
			return total, err
		}
	}
}

func (r *Rescuer) rescueBatch(ctx context.Context, lost store.Lost, rows []job.Row) (int, error) {
	var holders []string
	for i := range rows {
		if r.isSuspect(&rows[i]) {
			holders = append(holders, rows[i].Holder)
		}
	}
	suspects := map[string]int{} // by worker, including those already rescued
	if len(holders) > 0 {
		var err error
		if suspects, err = r.rows.Suspects(ctx, holders, r.maxLosses-1); err != nil {
			return 0, err
		}
	}
	var first []string // jobs with their first loss, which are returned together
	total := 0
	for i := range rows {
		row := &rows[i]
		if row.Losses == 0 && row.CancelAskedAt == nil && r.maxLosses > 1 {
			first = append(first, row.ID)
			continue
		}
		changed, err := r.rescueOne(ctx, lost, row, suspects[row.Holder])
		if err != nil {
			return total, err
		}
		if changed {
			total++
		}
	}
	if len(first) == 0 {
		return total, nil
	}
	changed, err := r.rows.Rescue(ctx, lost, store.RescueParams{IDs: first, Losses: 1})
	return total + changed, err
}

// rescueOne rescues a row that has lost a worker before, or was asked to stop. suspects is the number of suspects of
// its worker.
func (r *Rescuer) rescueOne(ctx context.Context, lost store.Lost, row *job.Row, suspects int) (bool, error) {
	if row.CancelAskedAt != nil {
		return r.rows.CancelLost(ctx, lost, row.ID)
	}
	poison, err := r.isPoison(ctx, row, suspects)
	if err != nil {
		return false, err
	}
	losses, at := row.Losses+1, r.rows.Now()
	changed := false
	if poison {
		reason := fmt.Sprintf("its worker was lost %d times in a row: the job may be the cause", losses)
		changed, err = r.rows.DiscardLost(ctx, lost, store.DiscardLostParams{ID: row.ID, Losses: losses, Error: reason})
		if changed {
			job.Log(r.log, job.DeliveryOf(row)).ErrorContext(ctx, "job dead", "error", reason)
			r.counter.Count(at, row.Queue, job.Dead, 0, -1)
		}
	} else {
		var runAt time.Time
		if runAt, err = r.nextRun(ctx, losses, at); err != nil {
			return false, err
		}
		var n int
		n, err = r.rows.Rescue(ctx, lost, store.RescueParams{IDs: []string{row.ID}, Losses: losses, RunAt: runAt})
		changed = n == 1
	}
	if err == nil && changed && r.isSuspect(row) {
		err = r.rows.AddSuspect(ctx, row.Holder)
	}
	return changed, err
}

// isSuspect reports whether one more loss may make a job dead.
func (r *Rescuer) isSuspect(row *job.Row) bool { return row.Losses >= r.maxLosses-1 }

// isPoison reports whether a row that has lost another worker, which had that many suspects, must be the reason.
func (r *Rescuer) isPoison(ctx context.Context, row *job.Row, suspects int) (bool, error) {
	losses := row.Losses + 1
	switch {
	case losses < r.maxLosses:
		return false, nil
	case r.maxLosses == 1 || losses >= unclearLosses*r.maxLosses:
		return true, nil
	case suspects > 1:
		return false, nil
	}
	waited, _ := lossDelay(row.Losses)
	from, to := row.RunAt.Add(-waited), row.RunAt
	if row.StartedAt != nil {
		to = *row.StartedAt
	}
	others, err := r.rows.OthersLost(ctx, row.Holder, from, to.Add(-2*job.HeartbeatInterval))
	return !others, err
}

// nextRun returns when a job runs again after a number of consecutive losses: far from the runs of other suspects, so
// that one of them does not kill the worker of another.
func (r *Rescuer) nextRun(ctx context.Context, losses int, at time.Time) (time.Time, error) {
	least, spread := lossDelay(losses)
	if spread == 0 {
		return at.Add(least), nil
	}
	from := at.Add(least)
	taken, err := r.rows.SuspectTimes(ctx, r.maxLosses-1, from, from.Add(spread))
	if err != nil {
		return time.Time{}, err
	}
	var best time.Time
	distance := time.Duration(-1)
	for range 10 {
		candidate, nearest := from.Add(rand.N(spread)), spread
		for _, other := range taken {
			nearest = min(nearest, candidate.Sub(other).Abs())
		}
		if nearest > distance {
			best, distance = candidate, nearest
		}
	}
	return best, nil
}

// lossDelay returns the minimum delay of a job after a number of consecutive losses, and the range of its random
// addition.
func lossDelay(losses int) (least, spread time.Duration) {
	switch {
	case losses <= 1:
		return 0, 0
	case losses == 2:
		return 0, 2 * time.Second
	case losses == 3:
		return 5 * time.Second, 10 * time.Second
	default:
		return 45 * time.Second, time.Minute
	}
}
