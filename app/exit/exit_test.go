package exit_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/exit"
)

func ExampleReport() {
	err := exit.New(exit.Unavailable, "Stop it, or choose another port with --port.", "port %d is in use", 8000)
	code := exit.Report(os.Stdout, "blog", err)
	fmt.Println(code)
	// Output:
	// blog: port 8000 is in use. Stop it, or choose another port with --port.
	// 4
}

func TestReport(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk full")
	tests := []struct {
		name string
		err  error
		code int
		text string
	}{
		{"nil", nil, exit.OK, ""},
		{"plain", cause, exit.Failure, "x: disk full.\n"},
		{"coded", exit.Wrap(exit.Refused, "", cause), exit.Refused, "x: disk full.\n"},
		{
			"wrapped outside", fmt.Errorf("writing: %w", exit.New(exit.Config, "Fix it.", "bad key")), exit.Config,
			"x: writing: bad key. Fix it.\n",
		},
		{
			"hint of several lines", exit.New(exit.Config, "  a\n  b", "two faults:"), exit.Config,
			"x: two faults:\n  a\n  b\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if code := exit.Report(&out, "x", tt.err); code != tt.code {
				t.Errorf("code = %d, want %d", code, tt.code)
			}
			if out.String() != tt.text {
				t.Errorf("text = %q, want %q", out.String(), tt.text)
			}
		})
	}
}

func TestWrapKeepsNil(t *testing.T) {
	t.Parallel()
	if err := exit.Wrap(exit.Config, "hint", nil); err != nil {
		t.Errorf("Wrap(nil) = %v, want nil", err)
	}
}

func TestErrorUnwraps(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	if !errors.Is(exit.New(exit.Config, "", "outer: %w", cause), cause) {
		t.Error("the cause is lost")
	}
}
