package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/gofrs/flock"

	"github.com/covetgo/covet/app/database"
)

var fileSafe = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// lockPath returns the path of the file that is locked for name. The file stays: deleting it could take it from
// under a process that has just opened it.
func lockPath(path, name string) string {
	if !fileSafe.MatchString(name) {
		sum := sha256.Sum256([]byte(name))
		name = hex.EncodeToString(sum[:8])
	}
	return path + "." + name + ".lock"
}

// tryFileLock locks a file beside the database. The operating system unlocks it when the process ends.
func tryFileLock(path, name string) (func(context.Context) error, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("creating the folder of the database: %w", err)
	}
	lock := flock.New(lockPath(path, name), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w (%s)", database.ErrLocked, lock.Path())
	}
	return func(context.Context) error { return lock.Close() }, nil
}

// locks are those of an in-memory database, which no other process can reach. The zero value is ready.
type locks struct {
	mu   sync.Mutex
	held map[string]bool
}

func (l *locks) try(name string) (func(context.Context) error, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[name] {
		return nil, database.ErrLocked
	}
	if l.held == nil {
		l.held = map[string]bool{}
	}
	l.held[name] = true
	return func(context.Context) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.held, name)
		return nil
	}, nil
}
