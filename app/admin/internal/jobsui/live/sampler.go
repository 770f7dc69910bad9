// Package live notifies open pages about background jobs of changes. One sampler queries the database for all pages,
// and only while pages are open:
//
//	sampler := live.New(source, log)
//	stream, err := sampler.Open("user 7", "")
//	defer stream.Close()
//	for version := range stream.Changes() { … }
package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	// interval is how often the sampler looks, at most.
	interval = 2 * time.Second
	// share is the part of the time that it may spend looking: one tenth, however large the tables are.
	share = 10
	// fresh is how old what pages show may be.
	fresh = interval
	// loadTimeout bounds one look.
	loadTimeout = 10 * time.Second

	// MaxStreams bounds the streams of one process.
	MaxStreams = 200
	// MaxPerUser bounds the streams of one user.
	MaxPerUser = 10
)

// Unknown is the version while the source does not answer.
const Unknown = "unknown"

// ErrFull is returned by [Sampler.Open] when there are too many streams.
var ErrFull = errors.New("too many streams are open")

// Source is where a sampler looks.
type Source[S any] interface {
	// Look reads the present numbers, and those of the jobs that pages are open of.
	Look(ctx context.Context, jobs []string) (S, error)
	// Version is a text that changes with what a page shows: that of one job, or of all numbers if job is empty.
	Version(snapshot S, job string) string
}

// Sampler looks regularly while streams are open, and at once when a page asks. It is safe for concurrent use.
type Sampler[S any] struct {
	source Source[S]
	log    *slog.Logger

	looking chan struct{} // holds a value while a look is running

	mu       sync.Mutex
	latest   S
	at       time.Time
	took     time.Duration
	failure  error     // of the last look; nil if it succeeded
	failedAt time.Time // when that look ended
	streams  map[*Stream]bool
	stop     context.CancelFunc // of the loop; nil while no page is open
	done     chan struct{}
}

// New returns a sampler that does nothing yet.
func New[S any](source Source[S], log *slog.Logger) *Sampler[S] {
	return &Sampler[S]{source: source, log: log, looking: make(chan struct{}, 1), streams: map[*Stream]bool{}}
}

// Stream is what one page listens to.
type Stream struct {
	who, job string
	changes  chan string
	last     string // version that was sent; guarded by the mutex of the sampler
	close    func()
}

// Changes returns a channel with the version of what the page shows, at first and after each change, and [Unknown] when
// the source fails. A slow page gets the newest.
func (s *Stream) Changes() <-chan string { return s.changes }

// Close ends the stream; the last one stops the sampler, and waits for it. It is called once.
func (s *Stream) Close() { s.close() }

// Current returns the latest snapshot, or looks if that is older than two seconds. Concurrent calls wait for the same
// look. When the source fails, it returns the error along with the last snapshot; calls within the next two seconds get
// the same, so that they do not wait for the source one after the other.
func (s *Sampler[S]) Current(ctx context.Context) (S, error) {
	if latest, ok, err := s.recent(); ok {
		return latest, err
	}
	select {
	case s.looking <- struct{}{}:
	case <-ctx.Done():
		latest, _, _ := s.recent()
		return latest, ctx.Err()
	}
	defer func() { <-s.looking }()
	if latest, ok, err := s.recent(); ok {
		return latest, err
	}
	return s.look(context.WithoutCancel(ctx)) // it is for others, too
}

// recent returns the latest snapshot and what became of the last look, and whether no other one is needed yet.
func (s *Sampler[S]) recent() (latest S, ok bool, failure error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recentLocked()
}

func (s *Sampler[S]) recentLocked() (latest S, ok bool, failure error) {
	if s.failure != nil {
		return s.latest, time.Since(s.failedAt) < fresh, s.failure
	}
	return s.latest, !s.at.IsZero() && time.Since(s.at) < max(fresh, time.Duration(share)*s.took), nil
}

// Forget makes the next page look again: this process has just changed something.
func (s *Sampler[S]) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.failedAt = time.Time{}, time.Time{}
}

// look reads a snapshot, or fails to, and tells the streams which. The caller is the one who looks.
func (s *Sampler[S]) look(ctx context.Context) (S, error) {
	bounded, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	begun := time.Now()
	snapshot, err := s.source.Look(bounded, s.watched())
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil { // no page is open any more
		return s.latest, ctx.Err()
	}
	switch {
	case err == nil:
		s.latest, s.at, s.took = snapshot, begun, time.Since(begun)
		if s.failure != nil {
			s.log.InfoContext(ctx, "the pages about jobs are kept up to date again")
		}
	case s.failure == nil:
		s.log.WarnContext(ctx, "the pages about jobs cannot be kept up to date; trying again", "error", err)
	}
	s.failure, s.failedAt = err, time.Now()
	for stream := range s.streams {
		s.tell(stream)
	}
	return s.latest, err
}

func (s *Sampler[S]) watched() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{"": true}
	var ids []string
	for stream := range s.streams {
		if !seen[stream.job] {
			seen[stream.job] = true
			ids = append(ids, stream.job)
		}
	}
	return ids
}

// tell gives a stream the present version, if it has another one, in place of one that it has not taken yet.
func (s *Sampler[S]) tell(stream *Stream) {
	version := Unknown
	if s.failure == nil {
		version = s.source.Version(s.latest, stream.job)
	}
	if version == stream.last {
		return
	}
	stream.last = version
	select {
	case <-stream.changes:
	default:
	}
	stream.changes <- version
}

// Open opens a stream for who, about all numbers or about one job. It returns [ErrFull] when there are too many.
//
// Threat: a user who may see jobs opens streams until the process runs out of memory or connections.
func (s *Sampler[S]) Open(who, job string) (*Stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := 0
	for other := range s.streams {
		if other.who == who {
			own++
		}
	}
	if len(s.streams) >= MaxStreams || own >= MaxPerUser {
		return nil, ErrFull
	}
	stream := &Stream{who: who, job: job, changes: make(chan string, 1)}
	stream.close = func() { s.leave(stream) }
	s.streams[stream] = true
	if _, known, _ := s.recentLocked(); known {
		s.tell(stream)
	}
	if s.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop, s.done = stop, make(chan struct{})
		go s.run(ctx, s.done)
	}
	return stream, nil
}

func (s *Sampler[S]) leave(stream *Stream) {
	s.mu.Lock()
	delete(s.streams, stream)
	stop, done := s.stop, s.done
	if len(s.streams) > 0 || stop == nil {
		s.mu.Unlock()
		return
	}
	s.stop, s.done = nil, nil
	s.mu.Unlock()
	stop()
	<-done
}

// run looks until ctx ends.
func (s *Sampler[S]) run(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(s.round(ctx))
	}
}

// round looks once, and returns how long to wait.
func (s *Sampler[S]) round(ctx context.Context) time.Duration {
	select {
	case s.looking <- struct{}{}:
	case <-ctx.Done():
		return interval
	}
	defer func() { <-s.looking }()
	begun := time.Now()
	if _, err := s.look(ctx); err != nil {
		return max(interval, time.Since(begun)) // sooner than after a slow look: pages wait to be told that it is over
	}
	return max(interval, time.Duration(share)*time.Since(begun))
}
