package jobsui

import (
	"math/bits"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/jobs/inspect"
)

func TestRoughly(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 ms", 40 * time.Microsecond: "0 ms", 340 * time.Microsecond: "0.3 ms", 4 * time.Millisecond: "4 ms", 61400 * time.Microsecond: "61 ms",
		999600 * time.Microsecond: "1 s", 1540 * time.Millisecond: "1.5 s", 59960 * time.Millisecond: "1 min", time.Minute: "1 min",
		90 * time.Second: "1 min 30 s", 3*time.Hour + 5*time.Minute + 7*time.Second: "3 h 5 min", 49 * time.Hour: "2 d 1 h",
	} {
		if got := roughly(t.Context(), d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func labelsOf(marks []view.Mark) string {
	var list []string
	for _, mark := range marks {
		list = append(list, mark.Text)
	}
	return strings.Join(list, ", ")
}

// The axes have round numbers, in a unit that suits the values, and round times at their places.
func TestAxes(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 12, 7, 30, 0, time.UTC)
	for _, tt := range []struct {
		done    int64
		took    time.Duration
		counts  string
		latency string
	}{
		{1, 3 * time.Millisecond, "1, 0", " ms, 0 ms"},
		{63, 40 * time.Millisecond, "80, 60, 40, 20, 0", "0 ms, 20 ms, 0 ms"},
		{4321, 3 * time.Second, "5,000, 4,000, 3,000, 2,000, 1,000, 0", " s, 0 s"},
		{2, 20 * time.Minute, "2, 1, 0", " min, 0 min"},
	} {
		stat := inspect.Stat{Begin: now.Truncate(time.Minute), Done: tt.done}
		stat.Run.Buckets[bits.Len64(uint64(tt.took/time.Millisecond))] = 1
		list := charts(t.Context(), []inspect.Stat{stat}, spans[0], now)
		if got := labelsOf(list[0].Marks); got != tt.counts {
			t.Errorf("%d runs: %s, want %s", tt.done, got, tt.counts)
		}
		if got := labelsOf(list[1].Marks); !strings.HasSuffix(got, tt.latency) {
			t.Errorf("%v: %s, want it to end with %s", tt.took, got, tt.latency)
		}
		if len(list[1].Paths) != 2 || list[1].Paths[0].D != "" || list[1].Paths[1].D == "" || list[1].Rows[0][1] != "–" {
			t.Errorf("%v is drawn as %v, with the table %v", tt.took, list[1].Paths, list[1].Rows)
		}
	}
	for i, want := range []string{"11:15, 11:30, 11:45, 12:00", "18:00, 00:00, 06:00, 12:00", "Thu, Fri, Sat, Sun, Mon, Tue, Wed"} {
		if got := labelsOf(charts(t.Context(), nil, spans[i], now)[0].TimeMarks); got != want {
			t.Errorf("%s: %s, want %s", spans[i].name, got, want)
		}
	}
	hour := charts(t.Context(), nil, spans[0], now)
	if at := hour[0].TimeMarks[0].At; at != "11.67%" { // 7 of 60 minutes after 11:08
		t.Errorf("11:15 is at %s", at)
	}
	if got := hour[1].Summary; got != "11:08 to 12:08: no jobs ran." {
		t.Errorf("it says %q", got)
	}
}
