package main_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// linked builds covet with the linker flags of the Makefile.
func linked(t *testing.T, flags ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "covet")
	settings := make([]string, len(flags))
	for i, flag := range flags {
		settings[i] = "-X github.com/covetgo/covet/cmd/covet/internal/cli." + flag
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-ldflags", "-w "+strings.Join(settings, " "), "-o", binary, ".")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return binary
}

// covet runs a binary in a folder and returns its exit code and what it printed.
func covet(t *testing.T, dir, binary string, args ...string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(output)
}

func TestRelease(t *testing.T) {
	t.Parallel()
	binary, dir := linked(t, "version=v9.8.7"), t.TempDir()
	if code, output := covet(t, dir, binary, "version"); code != 0 || !strings.HasPrefix(output, "covet v9.8.7 (go") {
		t.Errorf("exit code %d: %s", code, output)
	}
	if code, output := covet(t, dir, binary, "new", "blog", "--no-tidy", "--no-git"); code != 0 || strings.Contains(output, "checkout") {
		t.Errorf("exit code %d: %s", code, output)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "blog", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "github.com/covetgo/covet v9.8.7\n") || strings.Contains(string(mod), "replace") {
		t.Errorf("got %s", mod)
	}
}

func TestCheckoutBuild(t *testing.T) {
	t.Parallel()
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	binary, dir := linked(t, "checkout="+checkout, "version=v9.8.7-dirty"), t.TempDir()
	if code, output := covet(t, dir, binary, "new", "blog", "--no-tidy", "--no-git"); code != 0 || !strings.Contains(output, "the checkout "+checkout) {
		t.Errorf("exit code %d: %s", code, output)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "blog", "go.mod"))
	if err != nil || !strings.Contains(string(mod), "replace github.com/covetgo/covet => "+checkout+"\n") {
		t.Errorf("got %s, %v", mod, err)
	}
}

// A binary that cannot say what it was built from makes no application that could not be built.
func TestUnknownOrigin(t *testing.T) {
	t.Parallel()
	gone := filepath.Join(t.TempDir(), "gone")
	for want, flags := range map[string][]string{
		"the version and the checkout of this covet are unknown": {"version=unknown"},
		"the checkout " + gone + ", which no longer exists":      {"checkout=" + gone},
	} {
		dir := t.TempDir()
		code, output := covet(t, dir, linked(t, flags...), "new", "blog")
		if code != 1 || !strings.Contains(output, want) || !strings.Contains(output, "go install github.com/covetgo/covet/cmd/covet@latest") {
			t.Errorf("exit code %d: %s", code, output)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
			t.Errorf("left %v, %v", entries, err)
		}
	}
}
