package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// listen subscribes to the events of every folder, and reads the tree on the way. If events are unavailable, w.events
// stays nil and w.polling is the reason.
func (w *Watcher) listen() error {
	if w.events != nil {
		_ = w.events.Close()
		w.events = nil
	}
	events, err := fsnotify.NewWatcher()
	if err == nil {
		err = w.tree.scan(subscribe(events))
		if err != nil {
			_ = events.Close()
		}
	}
	switch {
	case err == nil:
		w.events = events
		return nil
	case isLimit(err):
		w.polling = fmt.Errorf("the system's limit of watched folders is reached: %w", err)
		return nil
	default:
		return fmt.Errorf("watching the application: %w", err)
	}
}

// subscribe returns a function that subscribes to the events of a folder. It ignores a folder that has been removed or
// is unreadable.
func subscribe(events *fsnotify.Watcher) func(string) error {
	return func(folder string) error {
		err := events.Add(folder)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOTDIR) {
			return nil
		}
		return err
	}
}

// isLimit reports whether err means that a limit of the system is reached: of watched folders, of watchers, or of open
// files.
func isLimit(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) ||
		errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.ENOSYS)
}

// run is the goroutine of a watcher.
func (w *Watcher) run() {
	defer close(w.stopped)
	defer close(w.batches)
	for {
		if w.events == nil {
			w.poll()
			return
		}
		if done := w.collect(); done {
			return
		}
	}
}

// What the events of a batch require.
type extent int

const (
	someFiles extent = iota // compare the files in the events
	fullTree                // compare everything: there are new folders
	// rewatchTree compares everything and subscribes again: folders were removed, a moved one reports its old name, or
	// events were lost.
	rewatchTree
)

// collect collects the events of one batch and sends it. It reports whether the watcher is closed.
func (w *Watcher) collect() (done bool) {
	names, scope := map[string]bool{}, someFiles
	quiet := time.NewTimer(0)
	<-quiet.C
	defer quiet.Stop()
	var bound <-chan time.Time
	for {
		select {
		case <-w.stop:
			_ = w.events.Close()
			return true
		case event, ok := <-w.events.Events:
			if !ok {
				return true
			}
			if !w.record(event, names, &scope) {
				continue
			}
		case _, ok := <-w.events.Errors:
			if !ok {
				return true
			}
			scope = rewatchTree // events may have been lost, whatever the error
		case <-quiet.C:
			return w.flush(names, scope)
		case <-bound:
			return w.flush(names, scope)
		}
		quiet.Reset(w.config.Quiet)
		if bound == nil {
			bound = time.After(w.config.Bound)
		}
	}
}

// record adds the file of an event, and reports whether the event matters.
func (w *Watcher) record(event fsnotify.Event, names map[string]bool, scope *extent) bool {
	name, inside := w.tree.name(event.Name)
	if !inside || event.Op == fsnotify.Chmod {
		return false
	}
	if name == "." {
		*scope = rewatchTree
		return true
	}
	removed := event.Has(fsnotify.Remove) || event.Has(fsnotify.Rename)
	w.mu.Lock()
	folder := w.tree.folders[name]
	w.mu.Unlock()
	switch {
	case folder && removed:
		*scope = rewatchTree
		return true
	case event.Has(fsnotify.Create) && isFolder(event.Name):
		if ignoredFolder(name) {
			return false
		}
		*scope = max(*scope, fullTree)
		if folder { // it was moved and replaced
			*scope = rewatchTree
		}
		return true
	case ignoredFile(name):
		return false
	}
	names[name] = true
	return true
}

func isFolder(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// flush compares the files of the events and sends the changed ones.
func (w *Watcher) flush(names map[string]bool, scope extent) (done bool) {
	if _, err := os.Stat(w.config.Root); err != nil {
		_ = w.events.Close()
		w.send(Batch{Err: fmt.Errorf("watching the application: %w", err)})
		return true
	}
	w.mu.Lock()
	var err error
	switch scope {
	case rewatchTree:
		err = w.listen()
	case fullTree:
		if err = w.tree.scan(subscribe(w.events)); isLimit(err) {
			err = w.listen()
		}
	case someFiles:
		for name := range names {
			w.tree.compare(name)
		}
	}
	changes := w.tree.take()
	w.mu.Unlock()
	if err != nil {
		w.send(Batch{Changes: changes, Err: err})
		return true
	}
	if len(changes) > 0 {
		w.send(Batch{Changes: changes})
	}
	return false
}

// pollShare bounds polling to this fraction of one processor: 1/pollShare.
const pollShare = 100

// poll looks for changes until the watcher is closed. It sends them once a scan finds no more, or after the bound.
func (w *Watcher) poll() {
	wait := time.NewTimer(0)
	defer wait.Stop()
	var since time.Time // the first change that was not sent
	for {
		select {
		case <-w.stop:
			return
		case <-wait.C:
		}
		if _, err := os.Stat(w.config.Root); err != nil {
			w.send(Batch{Err: fmt.Errorf("watching the application: %w", err)})
			return
		}
		began := time.Now()
		w.mu.Lock()
		before := len(w.tree.changed)
		_ = w.tree.scan(nil)
		found := len(w.tree.changed)
		var changes []Change
		if found > 0 && (found == before || !since.IsZero() && time.Since(since) > w.config.Bound) {
			changes = w.tree.take()
		}
		w.mu.Unlock()
		switch {
		case len(changes) > 0:
			since = time.Time{}
			w.send(Batch{Changes: changes})
		case found > 0:
			if since.IsZero() {
				since = began
			}
			wait.Reset(w.config.Quiet)
			continue
		}
		wait.Reset(max(w.config.Interval, pollShare*time.Since(began)))
	}
}
