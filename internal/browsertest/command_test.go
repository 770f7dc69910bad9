package browsertest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programs is the folder of what is built once for all tests. TestMain removes it.
var programs string

var buildCommandLine = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	if programs, err = os.MkdirTemp("", "covet-programs-"); err != nil {
		return "", err
	}
	binary := filepath.Join(programs, "covet")
	build := exec.Command("go", "build", "-ldflags", "-w -X github.com/covetgo/covet/cmd/covet/internal/cli.checkout="+root, "-o", binary, "./cmd/covet") //nolint:noctx // several tests wait for it
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building covet: %w\n%s", err, output)
	}
	return binary, nil
})

// commandLine returns the path of covet, which is built when the first test needs it.
func commandLine(t *testing.T) string {
	t.Helper()
	binary, err := buildCommandLine()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
