package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// gitignore is what git ignores in .covet: all but what belongs to the application, its templates for generators and
// the record of what they wrote.
const gitignore = "/*\n!/generated/\n!/templates/\n"

// Prepare makes the folder .covet of an application, in which git ignores what is built, whatever the application's own
// .gitignore says.
func Prepare(root string) error {
	dir := filepath.Join(root, ".covet")
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o777); err != nil {
		return fmt.Errorf("preparing the build: %w", err)
	}
	path := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.WriteFile(path, []byte(gitignore), 0o666); err != nil {
		return fmt.Errorf("preparing the build: %w", err)
	}
	return nil
}

// Lock waits until no other command of covet builds the application in root. The returned function ends the turn.
func Lock(ctx context.Context, root string) (unlock func(), err error) {
	lock := flock.New(filepath.Join(root, ".covet", "build.lock"))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for other builds: %w", err), lock.Close())
	}
	return func() { _ = lock.Close() }, nil
}

// Slot finds a folder below .covet for the binaries of one dev server, which no other running dev server has: two of
// one application do not overwrite what the other one runs. The returned function gives it back; the end of the process
// does as well. first is whether no other dev server runs.
func Slot(root string) (folder string, first bool, release func(), err error) {
	base := filepath.Join(root, ".covet", "loop")
	if err := os.MkdirAll(base, 0o777); err != nil {
		return "", false, nil, fmt.Errorf("preparing the build: %w", err)
	}
	for i := range 100 {
		folder := filepath.Join(base, fmt.Sprint(i+1))
		lock := flock.New(folder + ".lock")
		locked, err := lock.TryLock()
		if err != nil {
			return "", false, nil, errors.Join(fmt.Errorf("preparing the build: %w", err), lock.Close())
		}
		if locked {
			return folder, i == 0, func() { _ = lock.Close() }, nil
		}
		_ = lock.Close()
	}
	return "", false, nil, fmt.Errorf("preparing the build: a hundred dev servers run in %s", root)
}
