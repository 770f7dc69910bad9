package jobs

import (
	"strings"
	"testing"
	"time"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	var loops turns
	if stuck, running := loops.stuck(time.Now()); len(stuck) > 0 || running != 0 {
		t.Errorf("without loops: %v of %d", stuck, running)
	}
	loops.note("relay", time.Second)
	loops.note("leases", time.Hour)
	for after, want := range map[time.Duration]string{
		0: "", 59 * time.Second: "", 62 * time.Second: "relay", 59 * time.Minute: "relay", 62 * time.Minute: "leases relay",
	} {
		if stuck, running := loops.stuck(time.Now().Add(after)); strings.Join(stuck, " ") != want || running != 2 {
			t.Errorf("after %s: %v of %d, want %q", after, stuck, running, want)
		}
	}
	loops.end("relay")
	if stuck, running := loops.stuck(time.Now().Add(time.Hour)); len(stuck) > 0 || running != 1 {
		t.Errorf("after the end: %v of %d", stuck, running)
	}
}
