package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	"github.com/covetgo/covet/jobs/internal/store"
)

func TestMain(m *testing.M) { jobtest.Main(m) }

const (
	holder = "0190a5b8-0000-7000-8000-00000000aaaa"
	epoch  = "0190a5b8-0000-7000-8000-00000000eeee"
)

// kit is a store on a database, at a time that stands still.
type kit struct {
	db    *database.DB
	store *store.Store
	clock *jobtest.Clock
}

func newKit(db *database.DB) *kit {
	clock := jobtest.NewClock()
	return &kit{db: db, store: store.New(db, clock.Now), clock: clock}
}

func onDatabases(t *testing.T, test func(t *testing.T, k *kit)) {
	t.Helper()
	jobtest.OnDatabases(t, func(t *testing.T, db *database.DB) { test(t, newKit(db)) })
}

// insert writes a row as it looks in a state, without the store.
func (k *kit) insert(t *testing.T, state job.State, change func(row *job.Row)) job.Row {
	t.Helper()
	now := k.clock.Now()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	row := job.Row{
		ID: id.String(), Kind: "kind", Queue: "queue", Payload: `{"a":1}`, State: state, Delivery: 3, Attempts: 1,
		Losses: 1, LastError: "before", CreatedAt: now.Add(-time.Hour), RunAt: now.Add(-time.Minute),
	}
	switch state {
	case job.Dispatched:
		row.Epoch = epoch
	case job.Running:
		until, started := now.Add(time.Minute), now.Add(-time.Second)
		row.Epoch, row.Holder, row.LeaseUntil, row.StartedAt = epoch, holder, &until, &started
	case job.Done, job.Dead, job.Cancelled:
		finished := now.Add(-time.Second)
		row.FinishedAt = &finished
	default:
	}
	if change != nil {
		change(&row)
	}
	if err := k.db.With(t.Context()).Create(&row).Error; err != nil {
		t.Fatal(err)
	}
	return k.row(t, row.ID)
}

func (k *kit) row(t *testing.T, id string) job.Row {
	t.Helper()
	row, err := k.store.Row(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// transition is a change of a row.
type transition struct {
	// from are the states in which it changes the row; prepare makes the row fit otherwise.
	from    []job.State
	prepare func(k *kit, row *job.Row)
	do      func(ctx context.Context, k *kit, row job.Row) (changed bool, err error)
	// want applies to the row before what the transition is to change.
	want func(k *kit, row *job.Row)
	// late are rows that look right and are not: of another delivery, another holder, another claim.
	late map[string]func(k *kit, row *job.Row)
}

func run(row job.Row) store.Run {
	return store.Run{ID: row.ID, Delivery: 3, Holder: holder}
}

func count(n int, err error) (bool, error) { return n > 0, err }

func toPending(row *job.Row) {
	row.State, row.Holder, row.LeaseUntil = job.Pending, "", nil
	row.Delivery++
}

func toEnd(k *kit, row *job.Row, state job.State) {
	at := k.clock.Now()
	row.State, row.Holder, row.LeaseUntil, row.FinishedAt = state, "", nil, &at
}

func claimed(k *kit, row *job.Row) {
	until := k.clock.Now().Add(time.Second)
	row.Holder, row.LeaseUntil = "token", &until
}

func otherDelivery(_ *kit, row *job.Row) { row.Delivery = 4 }
func otherHolder(_ *kit, row *job.Row)   { row.Holder = "0190a5b8-0000-7000-8000-00000000bbbb" }

// ofRun are the rows that a worker has lost.
var ofRun = map[string]func(*kit, *job.Row){"another delivery": otherDelivery, "another holder": otherHolder}

func transitions() map[string]transition {
	later := func(k *kit) time.Time { return k.clock.Now().Add(time.Hour) }
	progress := store.Progress{Done: 2, Total: 5}
	withProgress := func(row *job.Row) { row.ProgressDone, row.ProgressTotal = 2, 5 }
	running, waiting := []job.State{job.Running}, job.Waiting()
	lost := func(k *kit, row *job.Row) {
		if row.LeaseUntil != nil {
			until := k.clock.Now().Add(-time.Second)
			row.LeaseUntil = &until
		}
	}
	alive := map[string]func(k *kit, row *job.Row){"a living worker": func(k *kit, row *job.Row) {
		until := k.clock.Now().Add(time.Second)
		row.LeaseUntil = &until
	}}
	return map[string]transition{
		"Claim": {
			from: []job.State{job.Pending},
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				at := k.clock.Now()
				claimed, err := k.store.Claim(ctx, store.ClaimParams{Token: "token", Limit: 1000, At: at, Until: at.Add(time.Second)})
				return slices.ContainsFunc(claimed, func(d job.Delivery) bool {
					return d.ID == row.ID && d.Number == 3 && string(d.Payload) == row.Payload && !d.Fetch
				}), err
			},
			want: claimed,
			late: map[string]func(*kit, *job.Row){
				"another claim": func(k *kit, row *job.Row) { claimed(k, row); otherHolder(k, row) },
				"not due":       func(k *kit, row *job.Row) { row.RunAt = later(k) },
			},
		},
		"Dispatch": {
			from:    []job.State{job.Pending},
			prepare: claimed,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return false, k.store.Dispatch(ctx, store.DispatchParams{Token: "token", Epoch: epoch, IDs: []string{row.ID}})
			},
			want: func(_ *kit, row *job.Row) {
				row.State, row.Epoch, row.Holder, row.LeaseUntil = job.Dispatched, epoch, "", nil
			},
			late: map[string]func(*kit, *job.Row){"another claim": otherHolder},
		},
		"Unclaim": {
			from:    []job.State{job.Pending},
			prepare: claimed,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return false, k.store.Unclaim(ctx, "token", []string{row.ID})
			},
			want: func(_ *kit, row *job.Row) { row.Holder, row.LeaseUntil = "", nil },
			late: map[string]func(*kit, *job.Row){"another claim": otherHolder},
		},
		"Redeliver": {
			from: []job.State{job.Dispatched},
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.Redeliver(ctx, job.Ref{ID: row.ID, Number: 3})
			},
			want: func(_ *kit, row *job.Row) { toPending(row) },
			late: map[string]func(*kit, *job.Row){"another delivery": otherDelivery},
		},
		"RedeliverStrays": {
			from: []job.State{job.Dispatched},
			do: func(ctx context.Context, k *kit, _ job.Row) (bool, error) {
				return count(k.store.RedeliverStrays(ctx, "another"))
			},
			want: func(_ *kit, row *job.Row) { toPending(row) },
			late: map[string]func(*kit, *job.Row){"this epoch": func(_ *kit, row *job.Row) { row.Epoch = "another" }},
		},
		"Start": {
			from: []job.State{job.Pending, job.Dispatched},
			prepare: func(_ *kit, row *job.Row) {
				key := "limit"
				row.LimitKey = &key
			},
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.StartParams{Holder: holder, Until: later(k)}
				return k.store.Start(ctx, job.Ref{ID: row.ID, Number: 3}, p)
			},
			want: func(k *kit, row *job.Row) {
				until, at := later(k), k.clock.Now()
				row.State, row.Holder, row.LeaseUntil, row.StartedAt, row.LimitKey = job.Running, holder, &until, &at, nil
			},
			late: map[string]func(*kit, *job.Row){"another delivery": otherDelivery},
		},
		"Postpone": {
			from: []job.State{job.Pending, job.Dispatched},
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.PostponeParams{RunAt: later(k), Error: "unknown", LimitKey: "limit"}
				return false, k.store.Postpone(ctx, job.Ref{ID: row.ID, Number: 3}, p)
			},
			want: func(k *kit, row *job.Row) {
				toPending(row)
				key := "limit"
				row.RunAt, row.LastError, row.LimitKey = later(k), "unknown", &key
			},
			late: map[string]func(*kit, *job.Row){"another delivery": otherDelivery},
		},
		"Complete": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.CompleteParams{At: k.clock.Now(), Progress: progress, Result: "7"}
				return k.store.Complete(ctx, run(row), p)
			},
			want: func(k *kit, row *job.Row) {
				toEnd(k, row, job.Done)
				withProgress(row)
				row.Result = "7"
			},
		},
		"Discard": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.DiscardParams{At: k.clock.Now(), Attempts: 2, Error: "e", Stack: "s", Progress: progress}
				return k.store.Discard(ctx, run(row), p)
			},
			want: func(k *kit, row *job.Row) {
				toEnd(k, row, job.Dead)
				withProgress(row)
				row.Attempts, row.Losses, row.LastError, row.LastStack = 2, 0, "e", "s"
			},
		},
		"CancelRun": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.CancelRunParams{At: k.clock.Now(), Error: "e", Progress: progress}
				return k.store.CancelRun(ctx, run(row), p)
			},
			want: func(k *kit, row *job.Row) {
				toEnd(k, row, job.Cancelled)
				withProgress(row)
				row.LastError = "e"
			},
		},
		"Retry": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.RetryParams{RunAt: later(k), Attempts: 2, Error: "e", Stack: "s", Progress: progress}
				return k.store.Retry(ctx, run(row), p)
			},
			want: func(k *kit, row *job.Row) {
				toPending(row)
				withProgress(row)
				row.RunAt, row.Attempts, row.Losses, row.LastError, row.LastStack = later(k), 2, 0, "e", "s"
			},
		},
		"Snooze": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.Snooze(ctx, run(row), store.SnoozeParams{RunAt: later(k)})
			},
			want: func(k *kit, row *job.Row) {
				toPending(row)
				row.RunAt, row.Losses = later(k), 0
			},
		},
		"Release": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.Release(ctx, run(row), store.ReleaseParams{RunAt: later(k)})
			},
			want: func(k *kit, row *job.Row) {
				toPending(row)
				row.RunAt = later(k)
			},
		},
		"Retry of a job that is asked to stop": {
			from: running, late: ofRun,
			prepare: func(k *kit, row *job.Row) { at := k.clock.Now(); row.CancelAskedAt = &at },
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.Retry(ctx, run(row), store.RetryParams{RunAt: later(k), Attempts: 2, Error: "e"})
			},
			want: func(k *kit, row *job.Row) { toEnd(k, row, job.Cancelled) },
		},
		"SaveProgress": {
			from: running, late: ofRun,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return false, k.store.SaveProgress(ctx, run(row), progress)
			},
			want: func(_ *kit, row *job.Row) { withProgress(row) },
		},
		"Extend": {
			from: running,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return false, k.store.Extend(ctx, store.ExtendParams{Holder: holder, IDs: []string{row.ID}, Until: later(k)})
			},
			want: func(k *kit, row *job.Row) { until := later(k); row.LeaseUntil = &until },
			late: map[string]func(*kit, *job.Row){"another holder": otherHolder},
		},
		"ReleaseAll": {
			from: running,
			do: func(ctx context.Context, k *kit, _ job.Row) (bool, error) {
				return count(k.store.ReleaseAll(ctx, holder))
			},
			want: func(_ *kit, row *job.Row) { toPending(row) },
			late: map[string]func(*kit, *job.Row){"another holder": otherHolder},
		},
		"Rescue": {
			from: running, prepare: lost, late: alive,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.RescueParams{IDs: []string{row.ID}, Losses: 2, RunAt: later(k)}
				return count(k.store.Rescue(ctx, store.LostBefore(k.clock.Now()), p))
			},
			want: func(k *kit, row *job.Row) {
				toPending(row)
				row.Losses, row.RunAt = 2, later(k)
			},
		},
		"Rescue of the first loss": {
			from: running, prepare: lost, late: alive,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.RescueParams{IDs: []string{row.ID}, Losses: 1}
				return count(k.store.Rescue(ctx, store.LostBefore(k.clock.Now()), p))
			},
			want: func(_ *kit, row *job.Row) { toPending(row) },
		},
		"DiscardLost": {
			from: running, prepare: lost, late: alive,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				p := store.DiscardLostParams{ID: row.ID, Losses: 5, Error: "poison"}
				return k.store.DiscardLost(ctx, store.LostBefore(k.clock.Now()), p)
			},
			want: func(k *kit, row *job.Row) {
				toEnd(k, row, job.Dead)
				row.Losses, row.LastError = 5, "poison"
			},
		},
		"CancelLost": {
			from: running, prepare: lost, late: alive,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.CancelLost(ctx, store.LostBefore(k.clock.Now()), row.ID)
			},
			want: func(k *kit, row *job.Row) {
				toEnd(k, row, job.Cancelled)
				row.LastError = job.ErrCancelled.Error()
			},
		},
		"Cancel": {
			from: waiting,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return count(k.store.Cancel(ctx, []string{row.ID}))
			},
			want: func(k *kit, row *job.Row) { toEnd(k, row, job.Cancelled) },
		},
		"RequestCancel": {
			from: running,
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.RequestCancel(ctx, row.ID)
			},
			want: func(k *kit, row *job.Row) { at := k.clock.Now(); row.CancelAskedAt = &at },
		},
		"Requeue": {
			from: []job.State{job.Dead, job.Cancelled},
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return k.store.Requeue(ctx, row.ID)
			},
			want: requeued,
		},
		"RequeueMany": {
			from: []job.State{job.Dead, job.Cancelled},
			do: func(ctx context.Context, k *kit, row job.Row) (bool, error) {
				return count(k.store.RequeueMany(ctx, []string{row.ID}))
			},
			want: requeued,
		},
		"WakeLimited": {
			from: []job.State{job.Pending},
			prepare: func(k *kit, row *job.Row) {
				key := "limit"
				row.LimitKey, row.RunAt = &key, later(k)
			},
			do: func(ctx context.Context, k *kit, _ job.Row) (bool, error) {
				return k.store.WakeLimited(ctx, "limit")
			},
			want: func(k *kit, row *job.Row) { row.RunAt = k.clock.Now() },
			late: map[string]func(*kit, *job.Row){"another limit": func(_ *kit, row *job.Row) {
				key := "other"
				row.LimitKey = &key
			}},
		},
		"KeepDue": {
			from:    []job.State{job.Pending},
			prepare: func(k *kit, row *job.Row) { row.RunAt = later(k) },
			do: func(ctx context.Context, k *kit, _ job.Row) (bool, error) {
				at := k.clock.Now()
				p := store.KeepDueParams{At: at, Until: later(k), ClaimsUntil: at.Add(time.Minute)}
				return false, k.store.KeepDue(ctx, p)
			},
			want: func(k *kit, row *job.Row) { row.RunAt = k.clock.Now() },
			late: map[string]func(*kit, *job.Row){"due later still": func(k *kit, row *job.Row) {
				row.RunAt = later(k).Add(time.Second)
			}},
		},
	}
}

func requeued(k *kit, row *job.Row) {
	toPending(row)
	row.RunAt, row.Attempts, row.Losses, row.StartedAt, row.FinishedAt = k.clock.Now(), 0, 0, nil, nil
}

// withoutCount are transitions that do not report whether they changed a row.
var withoutCount = []string{"Dispatch", "Unclaim", "Postpone", "SaveProgress", "Extend", "KeepDue"}

// Each transition changes rows in the states that it expects, exactly as far as it says, and nothing in any other
// state or for a late caller.
func TestTransitions(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		for name, tr := range transitions() {
			for _, state := range job.States() {
				expected := slices.Contains(tr.from, state)
				k.try(t, fmt.Sprintf("%s from %s", name, state), state, tr, nil, expected, slices.Contains(withoutCount, name))
			}
			for what, late := range tr.late {
				for _, state := range tr.from {
					k.try(t, fmt.Sprintf("%s from %s for %s", name, state, what), state, tr, late, false, slices.Contains(withoutCount, name))
				}
			}
		}
	})
}

// try does a transition on a row of its own, and compares the whole row.
func (k *kit) try(
	t *testing.T, what string, state job.State, tr transition, late func(*kit, *job.Row), expected, uncounted bool,
) {
	t.Helper()
	before := k.insert(t, state, func(row *job.Row) {
		if tr.prepare != nil {
			tr.prepare(k, row)
		}
		if late != nil {
			late(k, row)
		}
	})
	changed, err := tr.do(t.Context(), k, before)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	want := before
	if expected {
		tr.want(k, &want)
	}
	if !uncounted && changed != expected {
		t.Errorf("%s: reported as changed: %v, want %v", what, changed, expected)
	}
	if diff := cmp.Diff(want, k.row(t, before.ID)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	// Transitions that select rows by themselves are not to find this one again.
	if err := k.db.With(t.Context()).Delete(&job.Row{}, "id = ?", before.ID).Error; err != nil {
		t.Fatal(err)
	}
}

func TestTransitionsOfNoRow(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		gone := job.Row{ID: uuid.NewString(), Payload: "{}"}
		for name, tr := range transitions() {
			changed, err := tr.do(t.Context(), k, gone)
			if changed || (err != nil && !errors.Is(err, job.ErrNoJob)) {
				t.Errorf("%s: changed %v, error %v", name, changed, err)
			}
		}
	})
}

// Two workers start the same delivery at once: one of them gets the row.
func TestRowIsStartedOnce(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		row := k.insert(t, job.Dispatched, nil)
		const workers = 4
		started := make(chan bool, workers)
		for i := range workers {
			go func() {
				ok, err := k.store.Start(t.Context(), job.Ref{ID: row.ID, Number: 3}, store.StartParams{
					Holder: fmt.Sprintf("worker %d", i), Until: k.clock.Now().Add(time.Minute),
				})
				if err != nil {
					t.Error(err)
				}
				started <- ok
			}()
		}
		winners := 0
		for range workers {
			if <-started {
				winners++
			}
		}
		if winners != 1 {
			t.Errorf("%d workers have the row, want one", winners)
		}
	})
}

// Two relays claim at once: no row goes to both.
func TestRowIsClaimedOnce(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		const rows = 60
		for range rows {
			k.insert(t, job.Pending, nil)
		}
		claims := make(chan []job.Delivery, 3)
		for i := range cap(claims) {
			go func() {
				var mine []job.Delivery
				for empty := 0; empty < 3; {
					at := k.clock.Now()
					p := store.ClaimParams{Token: fmt.Sprint(i), Limit: 7, At: at, Until: at.Add(time.Minute)}
					batch, err := k.store.Claim(t.Context(), p)
					if err != nil && !errors.Is(err, database.ErrConflict) {
						t.Error(err)
					}
					if len(batch) == 0 {
						empty++ // with others at it, that is not the end yet
					}
					mine = append(mine, batch...)
				}
				claims <- mine
			}()
		}
		seen := map[string]int{}
		for range cap(claims) {
			for _, d := range <-claims {
				seen[d.ID]++
			}
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s is claimed %d times", id, n)
			}
		}
		if left, err := k.store.Claim(t.Context(), store.ClaimParams{Token: "last", Limit: rows, At: k.clock.Now()}); err != nil || len(seen)+len(left) != rows {
			t.Errorf("%d of %d rows are claimed, and %d left, error %v", len(seen), rows, len(left), err)
		}
	})
}

func TestLargeArgumentsAreNotCarried(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		large := `"` + fmt.Sprintf("%070000d", 7) + `"`
		row := k.insert(t, job.Pending, func(row *job.Row) { row.Payload = large })
		at := k.clock.Now()
		claimed, err := k.store.Claim(t.Context(), store.ClaimParams{Token: "token", Limit: 1, At: at, Until: at})
		if err != nil || len(claimed) != 1 || !claimed[0].Fetch || len(claimed[0].Payload) > 0 {
			t.Fatalf("claimed %d, error %v", len(claimed), err)
		}
		payload, found, err := k.store.Payload(t.Context(), row.ID)
		if err != nil || !found || string(payload) != large {
			t.Errorf("%d bytes, found %v, error %v", len(payload), found, err)
		}
		if _, found, err := k.store.Payload(t.Context(), uuid.NewString()); found || err != nil {
			t.Errorf("found %v, error %v", found, err)
		}
	})
}
