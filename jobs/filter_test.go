package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

// insertVaried writes one row for each letter, the newest first.
func insertVaried(t *testing.T, k *kit, at time.Time) map[string]string {
	t.Helper()
	batch, chain := uuid.NewString(), uuid.NewString()
	letters := map[string]string{"batch": batch, "chain": chain}
	for i, row := range []covetmodels.OutboxRow{
		{Kind: "a", State: covetjobs.Dead, Attempts: 3, LastError: "Dialing 100% of _ÄRGER_!: refused"},
		{Kind: "b", State: covetjobs.Pending, Attempts: 2, LastError: "dialing"},
		{Kind: "c", State: covetjobs.Pending, BatchID: &batch},
		{Kind: "d", State: covetjobs.Done, ChainID: &chain, ChainIndex: 1},
		{Kind: "e", State: covetjobs.Dead, Schedule: "sweep"},
	} {
		row.ID, row.Queue, row.Payload = uuid.NewString(), "default", "{}"
		row.RunAt = at.Add(-time.Duration(i) * time.Minute)
		row.CreatedAt = row.RunAt
		if err := k.db.With(t.Context()).Create(&row).Error; err != nil {
			t.Fatal(err)
		}
		letters[row.Kind] = row.ID
	}
	return letters
}

func TestFilters(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		at := time.Now().UTC().Truncate(time.Microsecond)
		ids := insertVaried(t, k, at)
		for name, tt := range map[string]struct {
			filter inspect.Filter
			want   string
		}{
			"all":                  {inspect.Filter{}, "abcde"},
			"since":                {inspect.Filter{Since: at.Add(-time.Minute)}, "ab"},
			"until":                {inspect.Filter{Until: at.Add(-time.Minute)}, "cde"},
			"between":              {inspect.Filter{Since: at.Add(-3 * time.Minute), Until: at}, "bcd"},
			"another time zone":    {inspect.Filter{Since: at.Add(-time.Minute).In(time.FixedZone("", 9*3600))}, "ab"},
			"error":                {inspect.Filter{Error: "DIALING"}, "ab"},
			"wildcards are text":   {inspect.Filter{Error: "100% of _"}, "a"},
			"no wildcard":          {inspect.Filter{Error: "dial%g"}, ""},
			"the escape is text":   {inspect.Filter{Error: "_!:"}, "a"},
			"quotes are text":      {inspect.Filter{Error: "' OR '1'='1"}, ""},
			"retrying":             {inspect.Filter{States: []covetjobs.State{covetjobs.Pending}, Retrying: true}, "b"},
			"schedule":             {inspect.Filter{Schedule: "sweep"}, "e"},
			"batch":                {inspect.Filter{Batch: ids["batch"]}, "c"},
			"chain":                {inspect.Filter{Chain: ids["chain"]}, "d"},
			"together":             {inspect.Filter{States: []covetjobs.State{covetjobs.Dead}, Error: "refused", Since: at}, "a"},
			"what no row can hold": {inspect.Filter{Error: "\x00"}, ""},
		} {
			var got []string
			for _, row := range walk(t, c, tt.filter, 2) {
				got = append(got, row.Kind)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if n, err := c.Inspector().CountAll(t.Context(), tt.filter, 100); err != nil || n != len(tt.want) {
				t.Errorf("%s: counted %d, %v; want %d", name, n, err, len(tt.want))
			}
		}
		if n, err := c.Inspector().CountAll(t.Context(), inspect.Filter{}, 3); err != nil || n != 3 {
			t.Errorf("counting at most 3: %d, %v", n, err)
		}
	})
}

// A change of all that a filter selects touches nothing else.
func TestChangesHeedTheWholeFilter(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		at := time.Now().UTC().Truncate(time.Microsecond)
		ids := insertVaried(t, k, at)
		if n, err := c.Inspector().RetryAll(t.Context(), inspect.Filter{Error: "refused"}); n != 1 || err != nil {
			t.Errorf("retried %d, %v", n, err)
		}
		if n, err := c.Inspector().CancelAll(t.Context(), inspect.Filter{Batch: ids["batch"]}); n != 1 || err != nil {
			t.Errorf("cancelled %d, %v", n, err)
		}
		if n, err := c.Inspector().DeleteAll(t.Context(), inspect.Filter{Schedule: "sweep"}); n != 1 || err != nil {
			t.Errorf("deleted %d, %v", n, err)
		}
		for kind, want := range map[string]covetjobs.State{
			"a": covetjobs.Pending, "b": covetjobs.Pending, "c": covetjobs.Cancelled, "d": covetjobs.Done,
		} {
			if got := k.row(t, ids[kind]).State; got != want {
				t.Errorf("%s is %s, want %s", kind, got, want)
			}
		}
		if n, err := c.Inspector().CountAll(t.Context(), inspect.Filter{}, 100); n != 4 || err != nil {
			t.Errorf("%d are left, %v", n, err)
		}
	})
}
