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

// gitignore ignores everything in .covet except what belongs to the application: its templates for generators and the
// records of generated code.
const gitignore = "/*\n!/generated/\n!/templates/\n"

// Prepare creates the folder .covet of an application, with a .gitignore of its own, so that git ignores builds
// whatever the application's .gitignore contains.
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

// Lock waits until no other command of covet builds the application in root. The returned function releases the lock.
func Lock(ctx context.Context, root string) (unlock func(), err error) {
	lock := flock.New(filepath.Join(root, ".covet", "build.lock"))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for other builds: %w", err), lock.Close())
	}
	return func() { _ = lock.Close() }, nil
}

// Slot reserves a folder in .covet for the binaries of one dev server, so that two dev servers of an application do not
// overwrite each other's binaries. The returned function releases it, as does the end of the process. first reports
// whether no other dev server runs.
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
