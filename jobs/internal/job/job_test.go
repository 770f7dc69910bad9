package job_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

func TestWatchdog(t *testing.T) {
	t.Parallel()
	var loops job.Watchdog
	if stuck, running := loops.Stuck(time.Now()); len(stuck) > 0 || running != 0 {
		t.Errorf("without loops: %v of %d", stuck, running)
	}
	loops.Turn("relay", time.Second)
	loops.Turn("leases", time.Hour)
	for after, want := range map[time.Duration]string{
		0: "", 59 * time.Second: "", 62 * time.Second: "relay", 59 * time.Minute: "relay", 62 * time.Minute: "leases relay",
	} {
		if stuck, running := loops.Stuck(time.Now().Add(after)); strings.Join(stuck, " ") != want || running != 2 {
			t.Errorf("after %s: %v of %d, want %q", after, stuck, running, want)
		}
	}
	loops.End("relay")
	if stuck, running := loops.Stuck(time.Now().Add(time.Hour)); len(stuck) > 0 || running != 1 {
		t.Errorf("after the end: %v of %d", stuck, running)
	}
}

func TestOutageIsReportedOnce(t *testing.T) {
	t.Parallel()
	var o job.Outage
	if _, ended := o.End(); ended || o.Current() != nil {
		t.Error("the zero value is an outage")
	}
	first, second := errors.New("first"), errors.New("second")
	if !o.Begin(first) || o.Begin(second) {
		t.Error("Begin does not report the first error alone")
	}
	if !errors.Is(o.Current(), second) {
		t.Errorf("Current is %v, want the latest error", o.Current())
	}
	if _, ended := o.End(); !ended || o.Current() != nil {
		t.Error("the outage does not end")
	}
}

func TestDefaultBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempt int
		about   time.Duration
	}{{1, 2 * time.Second}, {2, 4 * time.Second}, {10, 1024 * time.Second}, {14, 6 * time.Hour}, {1000, 6 * time.Hour}} {
		for range 50 {
			got := job.DefaultBackoff(test.attempt)
			if low, high := test.about*8/10, test.about*12/10; got < low || got > high {
				t.Errorf("attempt %d: %v, want %v to %v", test.attempt, got, low, high)
			}
		}
	}
}

func TestStorable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain": "plain", "a\x00b": "a\uFFFDb", "\xff": "\uFFFD", "größer": "grö", "äöü": "äö",
	} {
		if got := job.Storable(text, 5); got != want || !job.IsStorable(got) {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestErrorsOfRuns(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	wrapped := fmt.Errorf("wrapped: %w", job.Permanent(cause))
	if !job.IsPermanent(wrapped) || !errors.Is(wrapped, cause) || job.IsPermanent(cause) || job.Permanent(nil) != nil {
		t.Error("Permanent marks other errors than its own")
	}
	if delay, ok := job.Snoozed(fmt.Errorf("wrapped: %w", job.Snooze(time.Minute))); !ok || delay != time.Minute {
		t.Errorf("Snoozed returns %v, %v", delay, ok)
	}
	if _, ok := job.Snoozed(cause); ok {
		t.Error("any error is a Snooze")
	}
	if got := job.StackOf(fmt.Errorf("wrapped: %w", &job.PanicError{Value: "v", Stack: "s"})); got != "s" {
		t.Errorf("the stack is %q", got)
	}
}

func TestLatencyIsStoredAndRead(t *testing.T) {
	t.Parallel()
	var counted, read job.Latency
	for _, d := range []time.Duration{-time.Second, 0, time.Millisecond, 3 * time.Millisecond, 10000 * time.Hour} {
		counted.Add(d)
	}
	read.Merge(counted.Sum.Microseconds(), counted.Encode())
	if read != counted {
		t.Errorf("read %v, want %v", read, counted)
	}
	read.Merge(0, "not JSON")
	if read != counted {
		t.Error("an unreadable row counts")
	}
}

func TestIsID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{
		"0190a5b8-0000-7000-8000-000000000001": true, "": false, "0190a5b8": false,
		"0190A5B8-0000-7000-8000-000000000001": false, "0190a5b8-0000-7000-8000-00000000000'": false,
	} {
		if got := job.IsID(id); got != want {
			t.Errorf("IsID(%q) is %v", id, got)
		}
	}
}
