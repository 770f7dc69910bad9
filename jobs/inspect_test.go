package jobs_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

// insertRows writes rows as if jobs had left them, n of each kind, queue and state, and returns their ids, newest
// first.
func insertRows(t testing.TB, k *kit, n int, states ...covetjobs.State) []string {
	t.Helper()
	var rows []covetmodels.OutboxRow
	at := time.Now().UTC().Truncate(time.Microsecond).Add(-time.Hour)
	for i := range n {
		for _, kind := range []string{"import", "welcome"} {
			for _, queue := range []string{"default", "mail"} {
				for _, state := range states {
					// Several rows have the same time.
					runAt := at.Add(time.Duration(i/2) * time.Millisecond)
					row := covetmodels.OutboxRow{
						ID: uuid.Must(uuid.NewV7()).String(), Kind: kind, Queue: queue, Payload: "{}", State: state,
						RunAt: runAt, CreatedAt: runAt, Attempts: 3, Delivery: 2,
					}
					if state == covetjobs.Dead || state == covetjobs.Done || state == covetjobs.Cancelled {
						row.FinishedAt, row.StartedAt = &runAt, &runAt
					}
					rows = append(rows, row)
				}
			}
		}
	}
	if err := k.db.With(t.Context()).CreateInBatches(rows, 500).Error; err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(rows, func(a, b covetmodels.OutboxRow) int {
		if c := b.RunAt.Compare(a.RunAt); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids
}

var everyState = []covetjobs.State{
	covetjobs.Pending, covetjobs.Dispatched, covetjobs.Running, covetjobs.Done, covetjobs.Dead, covetjobs.Cancelled,
}

// walk reads all pages of a filter and returns the rows.
func walk(t *testing.T, c *covetjobs.Client, f inspect.Filter, limit int) []covetmodels.OutboxRow {
	t.Helper()
	var rows []covetmodels.OutboxRow
	cursor := ""
	for {
		page, err := c.Inspector().Rows(t.Context(), f, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Rows) > limit || len(page.Rows) == 0 && page.Next != "" || len(page.Rows) < limit && page.Next != "" {
			t.Fatalf("a page of %d rows, limit %d, next %q", len(page.Rows), limit, page.Next)
		}
		rows = append(rows, page.Rows...)
		if page.Next == "" {
			return rows
		}
		cursor = page.Next
	}
}

func idsOf(rows []covetmodels.OutboxRow) []string {
	var ids []string
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	return ids
}

func TestRowsComeInPages(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		want := insertRows(t, k, 5, everyState...)
		for _, limit := range []int{1, 7, 40, len(want), 500} {
			if diff := cmp.Diff(want, idsOf(walk(t, c, inspect.Filter{}, limit))); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
			}
		}
		rows := map[string]covetmodels.OutboxRow{}
		for _, id := range want {
			rows[id] = k.row(t, id)
		}
		for name, f := range map[string]inspect.Filter{
			"a state":       {States: []covetjobs.State{covetjobs.Dead}},
			"two states":    {States: []covetjobs.State{covetjobs.Dead, covetjobs.Running}},
			"a kind":        {Kind: "welcome"},
			"a queue":       {Queue: "mail"},
			"everything":    {States: []covetjobs.State{covetjobs.Done}, Kind: "import", Queue: "default"},
			"unknown kind":  {Kind: "x' OR '1'='1"},
			"no text":       {Kind: "\x00"},
			"no UTF-8":      {Queue: "\xff"},
			"unknown state": {States: []covetjobs.State{"lost"}},
			"same twice":    {States: []covetjobs.State{covetjobs.Dead, covetjobs.Dead}},
		} {
			var matching []string
			for _, id := range want {
				row := rows[id]
				if (len(f.States) == 0 || slices.Contains(f.States, row.State)) &&
					(f.Kind == "" || f.Kind == row.Kind) && (f.Queue == "" || f.Queue == row.Queue) {
					matching = append(matching, id)
				}
			}
			if diff := cmp.Diff(matching, idsOf(walk(t, c, f, 4))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// New rows do not move the pages that follow, and a row that has gone is not what they hang on.
func TestPagesStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		want := insertRows(t, k, 2, covetjobs.Dead)
		first, err := c.Inspector().Rows(t.Context(), inspect.Filter{}, "", 3)
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, c, Probe{Name: "newer"})
		if err := c.Inspector().Delete(t.Context(), first.Rows[2].ID); err != nil {
			t.Fatal(err)
		}
		second, err := c.Inspector().Rows(t.Context(), inspect.Filter{}, first.Next, 100)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[3:], idsOf(second.Rows)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRowsRefusesCursors(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	insertRows(t, k, 1, covetjobs.Dead)
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	id := uuid.NewString()
	for _, cursor := range []string{
		"x", "%%%", encode("1"), encode(" " + id), encode("1 "), encode("-1 " + id), encode("+1 " + id),
		encode("1 " + id + " "), encode("1 " + strings.ToUpper(id)), encode("9223372036854775807 " + id),
		encode("1 ' OR '1'='1'; DROP TABLE users--00000000"), encode("01 " + id), strings.Repeat("A", 1<<16),
	} {
		if page, err := c.Inspector().Rows(t.Context(), inspect.Filter{}, cursor, 10); !errors.Is(err, inspect.ErrCursor) {
			t.Errorf("%.60q: %d rows, %v; want ErrCursor", cursor, len(page.Rows), err)
		}
	}
	for limit, want := range map[int]int{0: 4, -1: 4, 1 << 62: 4, 2: 2} {
		page, err := c.Inspector().Rows(t.Context(), inspect.Filter{}, "", limit)
		if err != nil || len(page.Rows) != want {
			t.Errorf("limit %d: %d rows, %v; want %d", limit, len(page.Rows), err, want)
		}
	}
}

func TestQueuesAreCounted(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		covetjobs.Register[Welcome](c, Deps{}) // in the queue mail
		got, err := c.Inspector().Queues(t.Context())
		want := []inspect.QueueCounts{
			{Queue: "default", Counts: map[covetjobs.State]int{}}, {Queue: "mail", Counts: map[covetjobs.State]int{}},
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("without jobs (-want +got):\n%s%v", diff, err)
		}
		insertRows(t, k, 2, covetjobs.Dead, covetjobs.Done)
		enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("forgotten"))
		got, err = c.Inspector().Queues(t.Context())
		four := map[covetjobs.State]int{covetjobs.Dead: 4, covetjobs.Done: 4}
		want = []inspect.QueueCounts{
			{Queue: "default", Counts: four},
			{Queue: "forgotten", Counts: map[covetjobs.State]int{covetjobs.Pending: 1}, Oldest: got[1].Oldest},
			{Queue: "mail", Counts: four},
		}
		if got[1].Oldest == nil {
			t.Error("the queue with a job that is due has no oldest")
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(-want +got):\n%s%v", diff, err)
		}
		if diff := cmp.Diff([]string{"probe", "welcome"}, c.Inspector().Kinds()); diff != "" {
			t.Errorf("kinds (-want +got):\n%s", diff)
		}
	})
}

func TestRow(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		id := enqueue(t, c, Probe{Name: "ada"})
		row, err := c.Inspector().Row(t.Context(), id)
		if err != nil || row.Kind != "probe" || row.Payload != `{"name":"ada"}` || row.State != covetjobs.Pending {
			t.Errorf("%+v, %v", row, err)
		}
		for _, unknown := range []string{"", "x", uuid.NewString(), "\x00", strings.Repeat("\xff", 36), id + " ", "' OR '1'='1"} {
			_, err := c.Inspector().Row(t.Context(), unknown)
			for name, err := range map[string]error{
				"Row": err, "Retry": c.Inspector().Retry(t.Context(), unknown), "Delete": c.Inspector().Delete(t.Context(), unknown),
			} {
				if !errors.Is(err, covetjobs.ErrNoJob) {
					t.Errorf("%s of %q: %v, want ErrNoJob", name, unknown, err)
				}
			}
		}
	})
}

func ExampleClient_Inspector() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	if _, err := jobs.Enqueue(ctx, Welcome{}); err != nil {
		fmt.Println(err)
	}
	_ = jobs.Drain(ctx) // nobody to welcome

	dead := inspect.Filter{States: []covetjobs.State{covetjobs.Dead}, Queue: "mail"}
	page, err := jobs.Inspector().Rows(ctx, dead, "", 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, row := range page.Rows {
		fmt.Println(row.Kind, row.State, row.Attempts, row.LastError)
		fmt.Println(jobs.Inspector().Retry(ctx, row.ID))
	}
	queues, err := jobs.Inspector().Queues(ctx)
	for _, queue := range queues {
		fmt.Println(queue.Queue, queue.Counts, queue.Workers)
	}
	fmt.Println(err)
	// Output:
	// welcome dead 1 nobody to welcome
	// <nil>
	// default map[] 0
	// mail map[pending:1] 0
	// <nil>
}
