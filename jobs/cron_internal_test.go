package jobs

import (
	"testing"
	"time"
)

func TestTicks(t *testing.T) {
	t.Parallel()
	parse := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, test := range []struct{ spec, after, want string }{
		{"@every 10m", "2026-11-23T08:03:07Z", "2026-11-23T08:10:00Z"},
		{"@every 10m", "2026-11-23T08:10:00Z", "2026-11-23T08:20:00Z"},
		{"@every 7s", "1970-01-01T00:00:08Z", "1970-01-01T00:00:14Z"},
		{"@every 24h", "2026-11-23T08:03:07+05:00", "2026-11-24T00:00:00Z"},
		{"30 7 * * 1-5", "2026-11-21T08:00:00Z", "2026-11-23T07:30:00Z"},
		{"@daily", "2026-11-23T08:00:00Z", "2026-11-24T00:00:00Z"},
		{"CRON_TZ=Europe/Berlin 0 9 * * *", "2026-07-01T08:00:00Z", "2026-07-02T07:00:00Z"},
		{"TZ=Europe/Berlin 0 9 * * *", "2026-12-01T09:00:00Z", "2026-12-02T08:00:00Z"},
		// The clocks go forward at 02:00 on 29 March 2026: 02:30 does not exist that day.
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T00:30:00Z"},
		// They go back at 03:00 on 25 October 2026: 02:30 comes twice.
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"CRON_TZ=Europe/Berlin 30 2 * * *", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"},
	} {
		ticks, err := parseSpec(test.spec)
		if err != nil {
			t.Errorf("%s: %v", test.spec, err)
			continue
		}
		if got := ticks.Next(parse(test.after)); !got.Equal(parse(test.want)) {
			t.Errorf("%s after %s: %s, want %s", test.spec, test.after, got.UTC().Format(time.RFC3339), test.want)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, seed := range []string{"@every 1s", "*/5 * * * *", "CRON_TZ=UTC @daily", "TZ=", "CRON_TZ=X", "@every -1h", "0 0 31 2 *"} {
		f.Add(seed)
	}
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, spec string) {
		ticks, err := parseSpec(spec)
		if err != nil {
			return
		}
		if next := ticks.Next(at); !next.After(at) {
			t.Errorf("%q after %v ticks at %v", spec, at, next)
		}
	})
}

func FuzzSnakeCase(f *testing.F) {
	f.Add("NotifyTeam")
	f.Fuzz(func(t *testing.T, name string) {
		if kind := snakeCase(name); name != "" && kind == "" {
			t.Errorf("%q has an empty kind", name)
		}
	})
}

func TestDefaultBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempt int
		about   time.Duration
	}{{1, 2 * time.Second}, {2, 4 * time.Second}, {10, 1024 * time.Second}, {14, 6 * time.Hour}, {1000, 6 * time.Hour}} {
		for range 50 {
			got := DefaultBackoff(test.attempt)
			if low, high := test.about*8/10, test.about*12/10; got < low || got > high {
				t.Errorf("attempt %d: %v, want %v to %v", test.attempt, got, low, high)
			}
		}
	}
}
