// Package watch reports which files of an application have changed, for the dev server: it merges events into batches,
// and ignores files whose content is unchanged.
//
//	w, err := watch.Open(watch.Config{Root: "/srv/blog"})
//	if err != nil {
//		return err
//	}
//	defer w.Close()
//	for batch := range w.Batches() {
//		fmt.Println(batch.Paths()) // [app/posts/posts.go]
//	}
//
// The system's events only say where to look: what counts is the content of the files, of which the watcher stores a
// hash. If events are unavailable, because the system's limit of watched folders is reached, the watcher polls at a
// negligible cost.
package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Config says what to watch. The zero value of a field means its default.
type Config struct {
	// Root is the folder to watch, with the folders below it.
	Root string
	// Quiet is the time without changes that completes a batch. Defaults to 50 milliseconds.
	Quiet time.Duration
	// Bound is the maximum duration of a batch while files keep changing. Defaults to 500 milliseconds.
	Bound time.Duration
	// Poll makes the watcher poll instead of using the system's events, which some networks and containers do not
	// deliver. Defaults to false.
	Poll bool
	// Interval is the minimum time between two polls. Slow polls are less frequent, so that they use at most one
	// hundredth of a processor. Defaults to 500 milliseconds.
	Interval time.Duration
}

func (c Config) withDefaults() Config {
	if c.Quiet <= 0 {
		c.Quiet = 50 * time.Millisecond
	}
	if c.Bound <= 0 {
		c.Bound = 500 * time.Millisecond
	}
	if c.Interval <= 0 {
		c.Interval = 500 * time.Millisecond
	}
	return c
}

// Change is a file that is new, removed, or has changed content.
type Change struct {
	// Path is relative to the root, with slashes.
	Path string
	// Removed reports whether the file was removed.
	Removed bool
}

// Batch is a set of changes, sorted by path.
type Batch struct {
	Changes []Change
	// Err is why the folder can no longer be watched, for example because it was removed. It is set in the last batch.
	Err error
}

// Paths returns the paths of all changes.
func (b Batch) Paths() []string {
	paths := make([]string, len(b.Changes))
	for i, change := range b.Changes {
		paths[i] = change.Path
	}
	return paths
}

// Watcher watches a folder until it is closed.
type Watcher struct {
	config  Config
	batches chan Batch
	stop    chan struct{}
	stopped chan struct{}

	mu      sync.Mutex // guards tree
	tree    *tree
	events  *fsnotify.Watcher // of the goroutine run; nil when polling
	polling error             // why there are no events

	closing sync.Once
}

// Open reads the folder once, and starts to watch it. Every change after Open has returned is reported.
func Open(config Config) (*Watcher, error) {
	config = config.withDefaults()
	info, err := os.Stat(config.Root)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: config.Root, Err: errors.New("it is not a folder")}
	}
	if err != nil {
		return nil, fmt.Errorf("watching the application: %w", err)
	}
	w := &Watcher{
		config: config, tree: newTree(config.Root),
		batches: make(chan Batch), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if config.Poll {
		w.polling = errPollingAsked
	} else if err := w.listen(); err != nil {
		return nil, err
	}
	if w.events == nil {
		_ = w.tree.scan(nil) // it fails only for an invalid argument
	}
	go w.run()
	return w, nil
}

// errPollingAsked is the reason for polling if it was configured.
var errPollingAsked = errors.New("polling was requested")

// Batches returns the channel of batches. It is closed when the watcher is.
func (w *Watcher) Batches() <-chan Batch { return w.batches }

// Polling returns why the watcher polls, or nil if it uses events. Call it after Open.
func (w *Watcher) Polling() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.polling
}

// Quietly runs write and does not report its changes of the files that it returns, relative to the root with slashes.
// Meanwhile nothing is compared.
func (w *Watcher) Quietly(write func() ([]string, error)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	paths, err := write()
	for _, path := range paths {
		w.tree.compare(path)
		delete(w.tree.changed, path)
	}
	return err
}

// Close stops the watcher and waits for it. It may be called more than once.
func (w *Watcher) Close() {
	w.closing.Do(func() { close(w.stop) })
	<-w.stopped
}

// send sends a batch, unless the watcher is closed meanwhile.
func (w *Watcher) send(batch Batch) {
	select {
	case w.batches <- batch:
	case <-w.stop:
	}
}
