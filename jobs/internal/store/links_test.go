package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

// fresh is a row that is not stored yet.
func (k *kit) fresh(t *testing.T, change func(row *job.Row)) *job.Row {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	now := k.clock.Now()
	row := &job.Row{ID: id.String(), Kind: "kind", Queue: "queue", Payload: "{}", State: job.Pending, CreatedAt: now, RunAt: now}
	if change != nil {
		change(row)
	}
	return row
}

// start runs a row and returns its run.
func (k *kit) start(t *testing.T, id string) store.Run {
	t.Helper()
	row := k.row(t, id)
	p := store.StartParams{Holder: holder, Until: k.clock.Now().Add(time.Minute)}
	if ok, err := k.store.Start(t.Context(), job.Ref{ID: id, Number: row.Delivery}, p); err != nil || !ok {
		t.Fatalf("starting %s, which is %s: %v, error %v", id, row.State, ok, err)
	}
	return store.Run{ID: id, Delivery: row.Delivery, Holder: holder, Linked: row.ChainID != nil || row.BatchID != nil}
}

func (k *kit) complete(t *testing.T, id string) {
	t.Helper()
	if ok, err := k.store.Complete(t.Context(), k.start(t, id), store.CompleteParams{At: k.clock.Now()}); err != nil || !ok {
		t.Fatalf("completing %s: %v, error %v", id, ok, err)
	}
}

func (k *kit) discard(t *testing.T, id string) {
	t.Helper()
	p := store.DiscardParams{At: k.clock.Now(), Attempts: 1, Error: "failed"}
	if ok, err := k.store.Discard(t.Context(), k.start(t, id), p); err != nil || !ok {
		t.Fatalf("discarding %s: %v, error %v", id, ok, err)
	}
}

func (k *kit) wantStates(t *testing.T, when string, ids []string, want ...job.State) {
	t.Helper()
	for i, id := range ids {
		if got := k.row(t, id).State; got != want[i] {
			t.Errorf("%s: job %d is %s, want %s", when, i, got, want[i])
		}
	}
}

func (k *kit) chain(t *testing.T, n int) []string {
	t.Helper()
	chain := uuid.NewString()
	rows := make([]*job.Row, n)
	for i := range rows {
		rows[i] = k.fresh(t, func(row *job.Row) {
			row.ChainID, row.ChainIndex = &chain, i
			if i > 0 {
				row.State = job.Held
			}
		})
	}
	ids, err := k.store.InsertMany(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestChain(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		ids := k.chain(t, 3)
		k.complete(t, ids[0])
		k.wantStates(t, "after the first", ids, job.Done, job.Pending, job.Held)
		k.discard(t, ids[1])
		k.wantStates(t, "after the death of the second", ids, job.Done, job.Dead, job.Dead)
		if last := k.row(t, ids[2]); !strings.Contains(last.LastError, "not run: job "+ids[1]) || last.FinishedAt == nil {
			t.Errorf("the last one ended as %q at %v", last.LastError, last.FinishedAt)
		}
		if ok, err := k.store.Requeue(t.Context(), ids[1]); err != nil || !ok {
			t.Fatalf("requeuing the second: %v, error %v", ok, err)
		}
		k.wantStates(t, "after the retry", ids, job.Done, job.Pending, job.Held)
		k.complete(t, ids[1])
		k.complete(t, ids[2])
		k.wantStates(t, "at the end", ids, job.Done, job.Done, job.Done)
	})
}

func TestChainEndsWithAMember(t *testing.T) {
	t.Parallel()
	ends := map[string]func(t *testing.T, k *kit, id string){
		"cancelled": func(t *testing.T, k *kit, id string) {
			if n, err := k.store.Cancel(t.Context(), []string{id}); n != 1 || err != nil {
				t.Fatalf("%d, error %v", n, err)
			}
		},
		"cancelled while it ran": func(t *testing.T, k *kit, id string) {
			if ok, err := k.store.CancelRun(t.Context(), k.start(t, id), store.CancelRunParams{At: k.clock.Now()}); !ok || err != nil {
				t.Fatalf("%v, error %v", ok, err)
			}
		},
		"cancelled instead of a retry": func(t *testing.T, k *kit, id string) {
			run := k.start(t, id)
			if ok, err := k.store.RequestCancel(t.Context(), id); !ok || err != nil {
				t.Fatalf("%v, error %v", ok, err)
			}
			if ok, err := k.store.Retry(t.Context(), run, store.RetryParams{RunAt: k.clock.Now()}); !ok || err != nil {
				t.Fatalf("%v, error %v", ok, err)
			}
		},
		"lost and cancelled": func(t *testing.T, k *kit, id string) {
			k.start(t, id)
			if ok, err := k.store.CancelLost(t.Context(), store.LostAll(), id); !ok || err != nil {
				t.Fatalf("%v, error %v", ok, err)
			}
		},
	}
	onDatabases(t, func(t *testing.T, k *kit) {
		for name, end := range ends {
			ids := k.chain(t, 3)
			end(t, k, ids[0])
			k.wantStates(t, name, ids, job.Cancelled, job.Cancelled, job.Cancelled)
		}
		ids := k.chain(t, 2)
		if n, err := k.store.Delete(t.Context(), ids[:1], append(job.Waiting(), job.Ended()...)); n != 1 || err != nil {
			t.Fatalf("deleting: %d, error %v", n, err)
		}
		k.wantStates(t, "the first is deleted", ids[1:], job.Cancelled)
		ids = k.chain(t, 2)
		k.start(t, ids[0])
		if n, err := k.store.Delete(t.Context(), ids[:1], append(job.Waiting(), job.Ended()...)); n != 0 || err != nil {
			t.Errorf("deleting a running row: %d, error %v", n, err)
		}
	})
}

// A late worker ends its run: neither the chain nor the batch moves on.
func TestLateEndOfAMemberChangesNothing(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		batch, callback, members := k.batch(t, 1)
		chain := k.chain(t, 2)
		for _, id := range []string{chain[0], members[0]} {
			late := k.start(t, id)
			if n, err := k.store.Rescue(t.Context(), store.LostAll(), store.RescueParams{IDs: []string{id}, Losses: 1}); n != 1 || err != nil {
				t.Fatalf("%d, error %v", n, err)
			}
			if ok, err := k.store.Complete(t.Context(), late, store.CompleteParams{At: k.clock.Now()}); ok || err != nil {
				t.Errorf("a late end is kept: %v, error %v", ok, err)
			}
		}
		k.wantStates(t, "after the late end", chain, job.Pending, job.Held)
		k.wantStates(t, "after the late end", []string{callback}, job.Held)
		if counts := k.counts(t, batch); counts.Done != 0 || counts.FinishedAt != nil {
			t.Errorf("the batch counts %+v", counts)
		}
	})
}

// batch inserts a batch with a callback.
func (k *kit) batch(t *testing.T, n int) (id, callback string, members []string) {
	t.Helper()
	id = uuid.NewString()
	p := store.BatchParams{Batch: covetmodels.JobBatch{ID: id, CreatedAt: k.clock.Now()}, Callback: k.fresh(t, nil)}
	for range n {
		row := k.fresh(t, func(row *job.Row) { row.BatchID = &id })
		p.Members, members = append(p.Members, row), append(members, row.ID)
	}
	if err := k.store.InsertBatch(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return id, p.Callback.ID, members
}

func (k *kit) counts(t *testing.T, batch string) covetmodels.JobBatch {
	t.Helper()
	counts, err := k.store.Batch(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func TestBatch(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		batch, callback, members := k.batch(t, 4)
		k.complete(t, members[0])
		k.discard(t, members[1])
		if n, err := k.store.Cancel(t.Context(), members[2:3]); n != 1 || err != nil {
			t.Fatalf("%d, error %v", n, err)
		}
		k.wantStates(t, "before the last member", []string{callback}, job.Held)
		if n, err := k.store.Delete(t.Context(), members[3:], append(job.Waiting(), job.Cancelled)); n != 1 || err != nil {
			t.Fatalf("%d, error %v", n, err)
		}
		k.wantStates(t, "after the last member", []string{callback}, job.Pending)
		counts := k.counts(t, batch)
		if counts.Total != 4 || counts.Done != 1 || counts.Dead != 1 || counts.Cancelled != 2 || counts.FinishedAt == nil {
			t.Errorf("the batch counts %+v", counts)
		}
		if _, err := k.store.Insert(t.Context(), k.fresh(t, func(row *job.Row) { row.BatchID = &batch })); !errors.Is(err, job.ErrNoBatch) {
			t.Errorf("adding to a batch that has ended: %v", err)
		}
		// A retry after the end changes the counts, and calls back no second time.
		if ok, err := k.store.Requeue(t.Context(), members[1]); !ok || err != nil {
			t.Fatalf("%v, error %v", ok, err)
		}
		k.complete(t, callback)
		k.complete(t, members[1])
		if counts := k.counts(t, batch); counts.Done != 2 || counts.Dead != 0 {
			t.Errorf("after the retry the batch counts %+v", counts)
		}
		k.wantStates(t, "after the retry", []string{callback}, job.Done)
	})
}

func TestBatchGrowsAndMayBeEmpty(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		_, callback, _ := k.batch(t, 0)
		k.wantStates(t, "of an empty batch", []string{callback}, job.Pending)
		batch, callback, members := k.batch(t, 1)
		added, err := k.store.Insert(t.Context(), k.fresh(t, func(row *job.Row) { row.BatchID = &batch }))
		if err != nil {
			t.Fatal(err)
		}
		k.complete(t, members[0])
		k.wantStates(t, "before the end of the added member", []string{callback}, job.Held)
		k.complete(t, added)
		k.wantStates(t, "after the end of the added member", []string{callback}, job.Pending)
		if _, err := k.store.Batch(t.Context(), uuid.NewString()); !errors.Is(err, job.ErrNoBatch) {
			t.Errorf("a batch that does not exist: %v", err)
		}
	})
}

// All members end at once: one callback.
func TestBatchEndsOnce(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		const n = 6
		batch, callback, members := k.batch(t, n)
		var runs []store.Run
		for _, id := range members {
			runs = append(runs, k.start(t, id))
		}
		ended := make(chan error, n)
		for _, run := range runs {
			go func() {
				ended <- store.Again(t.Context(), func() error {
					_, err := k.store.Complete(t.Context(), run, store.CompleteParams{At: k.clock.Now()})
					return err
				})
			}()
		}
		for range runs {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		if counts := k.counts(t, batch); counts.Done != n || counts.FinishedAt == nil {
			t.Errorf("the batch counts %+v", counts)
		}
		if row := k.row(t, callback); row.State != job.Pending {
			t.Errorf("the callback is %s", row.State)
		}
	})
}

func unique(key string) func(row *job.Row) {
	return func(row *job.Row) { row.UniqueKey, row.UniqueAs = &key, key }
}

func TestUniqueKeys(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		insert := func(row *job.Row) string {
			t.Helper()
			id, err := k.store.Insert(t.Context(), row)
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		ends := map[string]func(id string){
			"done": func(id string) { k.complete(t, id) },
			"dead": func(id string) { k.discard(t, id) },
			"cancelled": func(id string) {
				if n, err := k.store.Cancel(t.Context(), []string{id}); n != 1 || err != nil {
					t.Fatalf("%d, error %v", n, err)
				}
			},
		}
		for name, end := range ends {
			first := insert(k.fresh(t, unique(name)))
			if second := insert(k.fresh(t, unique(name))); second != first {
				t.Errorf("%s: a second job with the key is %s, want the first one, %s", name, second, first)
			}
			end(first)
			other := k.fresh(t, unique(name))
			if id := insert(other); id != other.ID {
				t.Errorf("%s: the end of the job keeps its key", name)
			}
			if name == "done" {
				continue
			}
			if ok, err := k.store.Requeue(t.Context(), first); ok || !errors.Is(err, job.ErrDuplicate) {
				t.Errorf("%s: requeued although the key is taken: %v, error %v", name, ok, err)
			}
			if n, err := k.store.RequeueMany(t.Context(), []string{first}); n != 0 || err != nil {
				t.Errorf("%s: %d requeued, error %v", name, n, err)
			}
			k.complete(t, other.ID)
			if ok, err := k.store.Requeue(t.Context(), first); !ok || err != nil {
				t.Errorf("%s: requeued: %v, error %v", name, ok, err)
			}
			if again := insert(k.fresh(t, unique(name))); again != first {
				t.Errorf("%s: a retry does not take its key again", name)
			}
		}
	})
}

func TestUniqueKeyForAPeriod(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		row := func() *job.Row {
			return k.fresh(t, func(row *job.Row) {
				unique("period")(row)
				until := row.CreatedAt.Add(time.Minute)
				row.UniqueUntil = &until
			})
		}
		first, err := k.store.Insert(t.Context(), row())
		if err != nil {
			t.Fatal(err)
		}
		k.complete(t, first)
		if id, err := k.store.Insert(t.Context(), row()); err != nil || id != first {
			t.Errorf("within the period: %s, error %v, want the first one, %s", id, err, first)
		}
		k.clock.Add(2 * time.Minute)
		if id, err := k.store.Insert(t.Context(), row()); err != nil || id == first {
			t.Errorf("after the period: %s, error %v", id, err)
		}
	})
}

// Many processes insert the same job at once: one row.
func TestUniqueKeyIsTakenOnce(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		const n = 5
		ids := make(chan string, n)
		for range n {
			row := k.fresh(t, unique("race"))
			go func() {
				id, err := k.store.Insert(t.Context(), row)
				if err != nil {
					t.Error(err)
				}
				ids <- id
			}()
		}
		different := map[string]bool{}
		for range n {
			different[<-ids] = true
		}
		if len(different) != 1 {
			t.Errorf("%d rows, want one", len(different))
		}
	})
}

func TestInsertMany(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		var rows []*job.Row
		for i := range 1100 {
			rows = append(rows, k.fresh(t, func(row *job.Row) {
				if i%100 == 7 {
					unique("many")(row)
				}
			}))
		}
		ids, err := k.store.InsertMany(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		for i, id := range ids {
			want := rows[i].ID
			if i%100 == 7 {
				want = rows[7].ID
			}
			if id != want {
				t.Errorf("job %d is %s, want %s", i, id, want)
			}
		}
		if counts, err := k.store.CountStates(t.Context()); err != nil || counts[job.Pending] != 1090 {
			t.Errorf("%v, error %v, want 1090 rows", counts, err)
		}
		if ids, err := k.store.InsertMany(t.Context(), nil); err != nil || len(ids) != 0 {
			t.Errorf("inserting nothing: %v, error %v", ids, err)
		}
	})
}

func TestTickFiresOnce(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		if err := k.store.InsertSchedule(t.Context(), &covetmodels.JobSchedule{Name: "s", SeenAt: k.clock.Now()}); err != nil {
			t.Fatal(err)
		}
		tick := func(n int, overlap bool) (*job.Row, bool) {
			t.Helper()
			row := k.fresh(t, func(row *job.Row) {
				key := fmt.Sprint("tick ", n)
				row.UniqueKey, row.Schedule, row.RunAt = &key, "s", k.clock.Now().Add(time.Duration(n)*time.Second)
			})
			fired, err := k.store.FireTick(t.Context(), store.TickParams{Row: row, SkipOverlap: overlap})
			if err != nil {
				t.Fatal(err)
			}
			return row, fired
		}
		last := func() covetmodels.JobSchedule {
			t.Helper()
			known, err := k.store.Schedules(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return known["s"]
		}
		first, fired := tick(1, false)
		if !fired || last().LastJobID != first.ID || !last().LastTick.Equal(first.RunAt) {
			t.Errorf("fired %v, recorded %+v", fired, last())
		}
		if _, fired := tick(1, false); fired || last().LastJobID != first.ID {
			t.Error("a tick fires twice")
		}
		skipped, fired := tick(2, true)
		if !fired || k.row(t, skipped.ID).State != job.Cancelled || last().LastJobID != first.ID || !last().LastTick.Equal(skipped.RunAt) {
			t.Errorf("an overlapping tick: fired %v as %s, recorded %+v", fired, k.row(t, skipped.ID).State, last())
		}
		k.complete(t, first.ID)
		if third, fired := tick(3, true); !fired || k.row(t, third.ID).State != job.Pending {
			t.Errorf("after the end: fired %v as %s", fired, k.row(t, third.ID).State)
		}
		// A process that starts does not move the last tick.
		before := last()
		if err := k.store.UpdateSchedule(t.Context(), &covetmodels.JobSchedule{Name: "s", Spec: "@daily", Kind: "k", SeenAt: k.clock.Now()}); err != nil {
			t.Fatal(err)
		}
		if after := last(); after.Spec != "@daily" || !after.LastTick.Equal(*before.LastTick) || after.LastJobID != before.LastJobID {
			t.Errorf("after a start it is %+v", after)
		}
	})
}

func TestPrune(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		at := k.clock.Now()
		old := func(row *job.Row) {
			finished := at.Add(-2 * time.Hour)
			row.RunAt = finished
			if row.FinishedAt != nil {
				row.FinishedAt = &finished
			}
		}
		gone := k.insert(t, job.Done, old).ID
		kept := []string{k.insert(t, job.Done, nil).ID}
		for _, state := range []job.State{job.Held, job.Pending, job.Dispatched, job.Running, job.Dead, job.Cancelled} {
			kept = append(kept, k.insert(t, state, old).ID)
		}
		kept = append(kept, k.insert(t, job.Done, func(row *job.Row) { old(row); unique("tick")(row) }).ID)
		p := store.PruneParams{States: []job.State{job.Done}, Before: at.Add(-time.Hour), KeysBefore: at.Add(-3 * time.Hour)}
		if n, err := k.store.Prune(t.Context(), p); n != 1 || err != nil {
			t.Errorf("%d rows are pruned, error %v, want one", n, err)
		}
		if ok, err := k.store.Exists(t.Context(), gone); ok || err != nil {
			t.Errorf("the old row exists: %v, error %v", ok, err)
		}
		for _, id := range kept {
			if ok, err := k.store.Exists(t.Context(), id); !ok || err != nil {
				t.Errorf("%s exists: %v, error %v", id, ok, err)
			}
		}
	})
}

func TestSuspects(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, k *kit) {
		at := k.clock.Now()
		for _, id := range []string{holder, "other"} {
			row := &covetmodels.JobWorker{ID: id, Works: true, Queues: "{}", StartedAt: at, SeenAt: at}
			if err := k.store.SaveWorker(t.Context(), row); err != nil {
				t.Fatal(err)
			}
		}
		k.insert(t, job.Running, func(row *job.Row) { row.Losses = 4 })
		k.insert(t, job.Running, func(row *job.Row) { row.Losses = 3 })
		if err := k.store.AddSuspect(t.Context(), holder); err != nil {
			t.Fatal(err)
		}
		counts, err := k.store.Suspects(t.Context(), []string{holder, "other"}, 4)
		if err != nil || counts[holder] != 2 || counts["other"] != 0 {
			t.Errorf("suspects %v, error %v", counts, err)
		}
		for _, tt := range []struct {
			worker   string
			from, to time.Time
			want     bool
		}{
			{holder, at, at.Add(time.Second), true}, // the other one has no suspect
			{"other", at, at.Add(time.Second), false},
			{holder, at.Add(time.Second), at.Add(time.Minute), false},
		} {
			if got, err := k.store.OthersLost(t.Context(), tt.worker, tt.from, tt.to); got != tt.want || err != nil {
				t.Errorf("besides %s others were lost: %v, error %v", tt.worker, got, err)
			}
		}
		again := k.insert(t, job.Pending, func(row *job.Row) { row.Losses, row.RunAt = 4, at.Add(time.Minute) })
		times, err := k.store.SuspectTimes(t.Context(), 4, at, at.Add(time.Hour))
		if err != nil || len(times) != 1 || !times[0].Equal(again.RunAt) {
			t.Errorf("suspects run again at %v, error %v", times, err)
		}
	})
}
