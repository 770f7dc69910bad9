// Command mutants plants known faults in a copy of the repository, one at a time, and checks that the tests of the package
// find each. It fails when a fault is not caught, when it no longer compiles, or when the text that it changes is gone:
//
//	go run ./bench/mutants           # all, in some minutes
//	go run ./bench/mutants jobs web  # those whose name begins with one of the words
//
// The faults are data: see faults.go.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	survived, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
	if survived > 0 {
		os.Exit(1)
	}
}

// run plants the faults whose name begins with one of the words, or all, and returns how many were not caught.
func run(ctx context.Context, words []string) (survived int, err error) {
	root, err := output(ctx, ".", "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return 0, err
	}
	folder, err := os.MkdirTemp("", "covet-mutants-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := copyTree(ctx, strings.TrimSpace(root), folder); err != nil {
		return 0, fmt.Errorf("copying the repository: %w", err)
	}
	for _, f := range faults {
		if len(words) > 0 && !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(f.name, word) }) {
			continue
		}
		began := time.Now()
		by, err := f.caughtBy(ctx, folder)
		took := time.Since(began).Round(100 * time.Millisecond)
		switch {
		case ctx.Err() != nil:
			return survived, ctx.Err()
		case err != nil:
			survived++
			fmt.Printf("NOT CAUGHT  %s: %v (%s)\n", f.name, err, took)
		default:
			fmt.Printf("caught      %s: %s (%s)\n", f.name, by, took)
		}
	}
	if survived > 0 {
		fmt.Printf("%d of %d faults were not caught.\n", survived, len(faults))
	}
	return survived, nil
}

// copyTree copies what git knows and what it would add.
func copyTree(ctx context.Context, root, folder string) error {
	list, err := output(ctx, root, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // a file of the repository
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not committed
		} else if err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			return err
		}
		target := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(target, content, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// find returns the file below root that has the old text, and its content.
func (f fault) find(root string) (path, content string, err error) {
	err = filepath.WalkDir(filepath.Join(root, filepath.FromSlash(f.in)), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name) //nolint:gosec // a file of the repository
		if err != nil {
			return err
		}
		switch n := strings.Count(string(text), f.old); {
		case n == 1 && path == "":
			path, content = name, string(text)
		case n > 0:
			return fmt.Errorf("%s has %q more than once", f.in, f.old)
		}
		return nil
	})
	if err == nil && path == "" {
		err = fmt.Errorf("%s does not have %q any more", f.in, f.old)
	}
	return path, content, err
}

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// caughtBy plants the fault, runs the tests and takes the fault back. It returns the first test that failed.
func (f fault) caughtBy(ctx context.Context, root string) (test string, err error) {
	path, content, err := f.find(root)
	if err != nil {
		return "", err
	}
	if text, err := goTest(ctx, root, f.tests); err != nil {
		return "", fmt.Errorf("the tests fail without the fault: %w\n%s", err, text)
	}
	changed := strings.Replace(content, f.old, f.new, 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.WriteFile(path, []byte(content), 0o600)) }()
	text, err := goTest(ctx, root, append([]string{"-failfast"}, f.tests...))
	switch match := failedTest.FindStringSubmatch(text); {
	case err == nil:
		return "", errors.New("all tests pass")
	case strings.Contains(text, "[build failed]") || strings.Contains(text, "[setup failed]"):
		return "", fmt.Errorf("it does not compile:\n%s", text)
	case match != nil:
		return match[1], nil
	case strings.Contains(text, "panic: "):
		return "a panic", nil
	default:
		return "", fmt.Errorf("no test failed: %w\n%s", err, text)
	}
}

func goTest(ctx context.Context, root string, args []string) (string, error) {
	return output(ctx, root, "go", append([]string{"test", "-vet=off", "-timeout=5m"}, args...)...)
}

// output runs a program and returns what it printed.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	return string(text), err
}
