package progress_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/progress"
)

// lines hands over what is written.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestPlainLines(t *testing.T) {
	t.Parallel()
	out := make(lines, 64)
	stop := progress.Start(progress.Config{Out: out, Delay: 1, Interval: time.Millisecond}, "building blog")
	for range 3 {
		if line := <-out; !regexp.MustCompile(`^  building blog, \d+ s\n$`).MatchString(line) {
			t.Errorf("line = %q", line)
		}
	}
	go func() {
		for range out { // stop waits for the last line
		}
	}()
	stop()
	stop()
	close(out) // a write after stop would panic
}

func TestAnimatedLineIsRemoved(t *testing.T) {
	t.Parallel()
	out := make(lines, 1<<16)
	stop := progress.Start(progress.Config{Out: out, Animated: true, Delay: 1, Interval: time.Millisecond}, "building blog")
	first, second := <-out, <-out
	stop()
	close(out)
	last := second
	for line := range out {
		last = line
	}
	if !strings.HasPrefix(first, "\r\x1b[2K  ⠋ building blog, ") || !strings.HasPrefix(second, "\r\x1b[2K  ⠙ ") {
		t.Errorf("lines = %q, %q", first, second)
	}
	if last != "\r\x1b[2K" {
		t.Errorf("the last line is left: %q", last)
	}
}

func TestShortStepIsSilent(t *testing.T) {
	t.Parallel()
	for _, animated := range []bool{true, false} {
		var out strings.Builder
		progress.Start(progress.Config{Out: &out, Animated: animated, Delay: time.Hour}, "building blog")()
		if out.Len() > 0 {
			t.Errorf("animated %v: %q", animated, out.String())
		}
	}
}
