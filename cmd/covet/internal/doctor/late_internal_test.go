package doctor

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A check whose program does not end in time reports that, and not what it would conclude from the missing output.
func TestLateChecksGuessNothing(t *testing.T) {
	t.Parallel()
	in := newInspection(App{Root: t.TempDir()})
	for name, run := range map[string]func(ctx context.Context, p *inspection) outcome{
		"a program": func(ctx context.Context, p *inspection) outcome {
			if _, err := p.output(ctx, p.Root, "sleep", "60"); err != nil {
				return failed("sleep is not installed", "install it")
			}
			return passed("slept")
		},
		"a program that succeeds too late": func(ctx context.Context, p *inspection) outcome {
			_, _ = p.output(ctx, p.Root, "sleep", "60")
			return passed("slept")
		},
	} {
		got := runInTime(t.Context(), check{name, run}, in, 50*time.Millisecond)
		if got.status != Warning || got.detail != "timed out: sleep 60 took longer than 50ms" ||
			got.fix != "run it by hand: sleep 60" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestFailingProgramsAreQuoted(t *testing.T) {
	t.Parallel()
	in := newInspection(App{Root: t.TempDir()})
	_, err := in.output(t.Context(), in.Root, "git", "--no-such-option")
	if err == nil || !strings.Contains(commandError(err), "no-such-option") {
		t.Errorf("the error is %v", err)
	}
}
