package transport

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hibiken/asynq"

	"github.com/covetgo/covet/jobs/internal/job"
)

func TestTasksCarryDeliveries(t *testing.T) {
	t.Parallel()
	due := time.UnixMicro(1_900_000_000_123_456)
	for name, d := range map[string]job.Delivery{
		"plain": {ID: "id", Kind: "kind", Queue: "q", Payload: []byte("{}"), Due: due},
		"full": {
			ID: "id", Kind: "kind", Queue: "q", Priority: job.High, Payload: []byte("{}"), Number: 3, Attempts: 2, Due: due,
			Extras: job.Extras{Version: 1, Sealed: "key", Meta: "{}", Linked: true, Batch: "batch", Fetch: true},
		},
		"direct":       {ID: "id", Kind: "kind", Queue: "q", Priority: job.Low, Payload: []byte("{}"), Direct: true},
		"direct again": {ID: "id", Kind: "kind", Queue: "q", Payload: []byte("{}"), Number: 2, Direct: true},
	} {
		id := taskID(d.Ref())
		if d.Direct {
			id = directID(d)
		}
		got, err := readTask(id, laneOf(d), taskOf(d))
		if diff := cmp.Diff(d, got); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestTasksThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string]map[string]string{
		"no numbers": {headerRow: "id", headerDelivery: "x", headerAttempts: "y"},
		"no time":    {headerRow: "id", headerDelivery: "1", headerAttempts: "1", headerDue: "z"},
		"no JSON":    {headerMore: "{"},
	} {
		if d, err := readTask("id", "q", asynq.NewTaskWithHeaders("kind", nil, headers)); err == nil {
			t.Errorf("%s: read as %+v", name, d)
		}
	}
	// Tasks of an earlier release have no time.
	old := map[string]string{headerRow: "id", headerDelivery: "1", headerAttempts: "0"}
	if d, err := readTask("id.1", "q", asynq.NewTaskWithHeaders("kind", nil, old)); err != nil || !d.Due.IsZero() {
		t.Errorf("%+v, error %v", d, err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	if ref, ok := refOf("id.7"); !ok || ref != (job.Ref{ID: "id", Number: 7}) {
		t.Errorf("%v, %v", ref, ok)
	}
	for _, task := range []string{"id", "id~1", "id.x"} {
		if ref, ok := refOf(task); ok {
			t.Errorf("%q is the delivery %v", task, ref)
		}
	}
	for _, p := range []job.Priority{job.Low, job.Normal, job.High} {
		if queue, got := ofLane(lane("mail", p)); queue != "mail" || got != p {
			t.Errorf("priority %d: %s, %d", p, queue, got)
		}
	}
}

func TestLanesServed(t *testing.T) {
	t.Parallel()
	queues := map[string]int{"a": 6, "b": 2}
	for _, tt := range []struct {
		priorities []job.Priority
		strict     bool
		want       map[string]int
	}{
		{nil, false, queues},
		{[]job.Priority{job.High}, false, map[string]int{"a": 60, "a+high": 600, "b": 20, "b+high": 200}},
		{[]job.Priority{job.Low}, true, map[string]int{"a": 18, "a+low": 17, "b": 6, "b+low": 5}},
	} {
		if got := lanesServed(queues, tt.priorities, tt.strict); !maps.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.priorities, got, tt.want)
		}
	}
}
