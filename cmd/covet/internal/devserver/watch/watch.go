// Package watch says which files of an application have changed, as the dev server wants to hear it: many events
// become one batch, and a file that was only touched is none of them.
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
// The system's events only say where to look: what counts is the content of the files, of which the watcher remembers
// a fingerprint. Where the system has no events to give, because its limit of watched folders is reached, the watcher
// looks itself, as often as costs next to nothing.
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
	// Quiet is how long nothing may change before a batch is complete. Defaults to 50 milliseconds.
	Quiet time.Duration
	// Bound is how long a batch may take to complete while files keep changing. Defaults to 500 milliseconds.
	Bound time.Duration
	// Poll makes the watcher look itself, without the events of the system, which some networks and containers do not
	// deliver. Defaults to false.
	Poll bool
	// Interval is the shortest time between two looks. Looks that take longer are rarer, so that they cost at most one
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

// Change is one file that has another content than before, is new, or is gone.
type Change struct {
	// Path is relative to the root, with slashes.
	Path string
	// Removed is whether the file is gone.
	Removed bool
}

// Batch is what changed together. Changes are in the order of their paths.
type Batch struct {
	Changes []Change
	// Err is why nothing can be watched any longer, such as a root that was removed. It is of the last batch.
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

// Open reads the folder once, and begins to watch it. Everything that changes after Open has returned is told.
func Open(config Config) (*Watcher, error) {
	config = config.withDefaults()
	info, err := os.Stat(config.Root)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: config.Root, Err: errors.New("it is no folder")}
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
		_ = w.tree.scan(nil) // it fails by its argument only
	}
	go w.run()
	return w, nil
}

// errPollingAsked is the reason for polling when nothing else is.
var errPollingAsked = errors.New("asked to look for changes regularly")

// Batches is where changes arrive. It is closed when the watcher is.
func (w *Watcher) Batches() <-chan Batch { return w.batches }

// Polling returns why the watcher looks for changes regularly instead of hearing of them, or nil. It is to be asked
// after Open.
func (w *Watcher) Polling() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.polling
}

// Quietly runs write, and what it has done to the files that it returns, relative to the root with slashes, is no
// change. Nothing is compared meanwhile.
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

// Close ends the watcher and waits for it. It may be called more than once.
func (w *Watcher) Close() {
	w.closing.Do(func() { close(w.stop) })
	<-w.stopped
}

// send hands out a batch, unless the watcher is closed meanwhile.
func (w *Watcher) send(batch Batch) {
	select {
	case w.batches <- batch:
	case <-w.stop:
	}
}
