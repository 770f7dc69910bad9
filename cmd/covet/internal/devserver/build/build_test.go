package build_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A module small enough to compile in no time: its main links nothing but the runtime.
func module(t *testing.T, files map[string]string) build.Config {
	t.Helper()
	root := t.TempDir()
	write(t, root, map[string]string{
		"go.mod":           "module example.com/blog\n\ngo 1.26\n",
		"cmd/blog/main.go": "package main\n\nfunc main() { println(\"one\") }\n",
	})
	write(t, root, files)
	return build.Config{Root: root, Name: "blog", Folder: filepath.Join(root, ".covet", "loop", "1")}
}

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func nothing(string) bool { return false }

func output(t *testing.T, binary string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), binary).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestBinariesInUseAreKept(t *testing.T) {
	t.Parallel()
	config := module(t, nil)
	b := build.New(config)
	first, err := b.Build(t.Context(), nothing)
	if err != nil {
		t.Fatal(err)
	}
	if got := output(t, first.Binary); got != "one" || filepath.Base(first.Binary) != "blog" || first.Took <= 0 {
		t.Errorf("%+v says %q", first, got)
	}
	write(t, config.Root, map[string]string{"cmd/blog/main.go": "package main\n\nfunc main() { println(\"two\") }\n"})
	second, err := b.Build(t.Context(), func(binary string) bool { return binary == first.Binary })
	if err != nil {
		t.Fatal(err)
	}
	if output(t, first.Binary) != "one" || output(t, second.Binary) != "two" {
		t.Error("a binary in use was overwritten")
	}
	third, err := b.Build(t.Context(), nothing)
	if err != nil || third.Binary != second.Binary {
		t.Errorf("%+v, %v: want the last one brought up to date", third, err)
	}
}

func TestAllProblemsOfAllPackages(t *testing.T) {
	t.Parallel()
	broken := "package %s\n\nfunc f() {\n" + strings.Repeat("\tmissing()\n", 25) + "}\n"
	config := module(t, map[string]string{
		"cmd/blog/main.go": "package main\n\nimport (\n\t_ \"example.com/blog/one\"\n\t_ \"example.com/blog/two\"\n)\n\n" +
			"func main() {}\n",
		"one/one.go": fmt.Sprintf(broken, "one"),
		"two/two.go": fmt.Sprintf(broken, "two"),
	})
	_, err := build.New(config).Build(t.Context(), nothing)
	var failed *build.Error
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	count := map[string]int{}
	for _, p := range failed.Problems {
		if p.Message == "undefined: missing" && p.Line > 0 && p.Column > 0 {
			count[p.File]++
		}
	}
	if count["one/one.go"] != 25 || count["two/two.go"] != 25 || len(failed.Problems) != 50 {
		t.Errorf("%v in %s", count, failed.Output)
	}
	if failed.Error() != "building blog: exit status 1" || failed.Command != "go build ./cmd/blog" || failed.Took <= 0 {
		t.Errorf("got %+v", failed)
	}
}

func TestBrokenModuleFile(t *testing.T) {
	t.Parallel()
	config := module(t, map[string]string{"go.mod": "module example.com/blog\n\nrequired nothing\n"})
	_, err := build.New(config).Build(t.Context(), nothing)
	var failed *build.Error
	if !errors.As(err, &failed) || len(failed.Problems) != 1 || failed.Problems[0].File != "go.mod" ||
		failed.Problems[0].Line != 3 {
		t.Errorf("got %+v", failed)
	}
}

func TestNoMainPackage(t *testing.T) {
	t.Parallel()
	config := module(t, map[string]string{"cmd/blog/main.go": "package blog\n"})
	_, err := build.New(config).Build(t.Context(), nothing)
	var failed *build.Error
	if !errors.As(err, &failed) || !strings.Contains(failed.Text, "its package is not main") || failed.Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestNoPlaceForTheBinary(t *testing.T) {
	t.Parallel()
	config := module(t, map[string]string{".covet/loop": "a file"})
	_, err := build.New(config).Build(t.Context(), nothing)
	var failed *build.Error
	if !errors.As(err, &failed) || !strings.Contains(failed.Hint, ".covet") {
		t.Errorf("got %v", err)
	}
}

// The go command is one that never ends by itself, with a child as the compiler is one.
func TestCancelledBuildLeavesNothing(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	config := module(t, nil)
	script := filepath.Join(config.Root, "go.sh")
	write(t, config.Root, map[string]string{"go.sh": "#!" + sh + "\nsleep 1000 &\necho $$ > started\nwait\n"})
	if err := os.Chmod(script, 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	config.Go = script
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := build.New(config).Build(ctx, nothing)
		ended <- err
	}()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(filepath.Join(config.Root, "started")); err == nil {
			break
		}
		select {
		case <-tick.C:
		case err := <-ended:
			t.Fatalf("it ended: %v", err)
		case <-deadline:
			t.Fatal("it does not start")
		}
	}
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-deadline:
		t.Error("the build goes on")
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := build.Prepare(root); err != nil {
		t.Fatal(err)
	}
	unlock, err := build.Lock(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := build.Lock(ctx, root); !errors.Is(err, context.Canceled) {
		t.Errorf("two at once: %v", err)
	}
	unlock()
	unlock, err = build.Lock(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestSlots(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	one, first, release, err := build.Slot(root)
	if err != nil || !first {
		t.Fatalf("%t, %v", first, err)
	}
	two, first, releaseTwo, err := build.Slot(root)
	if err != nil || first || one == two {
		t.Errorf("%s and %s, %t, %v", one, two, first, err)
	}
	release()
	again, first, releaseAgain, err := build.Slot(root)
	if err != nil || !first || again != one {
		t.Errorf("%s, %t, %v", again, first, err)
	}
	releaseTwo()
	releaseAgain()
}
