package live_test

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers is a source that counts how often it is looked at.
type numbers struct {
	mu    sync.Mutex
	looks int
	value int
	takes time.Duration
	err   error
	jobs  []string
}

func (n *numbers) Look(ctx context.Context, jobs []string) (int, error) {
	n.mu.Lock()
	n.looks++
	n.jobs = jobs
	takes := n.takes
	n.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.value, n.err
}

func (*numbers) Version(value int, job string) string { return job + strconv.Itoa(value) }

func (n *numbers) set(change func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change()
}

func (n *numbers) looked() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.looks
}

func open(t *testing.T, s *live.Sampler[int], who, job string) *live.Stream {
	t.Helper()
	stream, err := s.Open(who, job)
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// However many look, the source is looked at once every two seconds, and not at all when nobody looks.
func TestOneSamplerForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &numbers{value: 1}
		s := live.New(n, slog.New(slog.DiscardHandler))
		time.Sleep(time.Minute)
		if n.looked() != 0 {
			t.Errorf("it looks for nobody: %d times", n.looked())
		}
		var streams []*live.Stream
		for i := range 50 {
			streams = append(streams, open(t, s, strconv.Itoa(i), ""))
		}
		for _, stream := range streams {
			if got := <-stream.Changes(); got != "1" {
				t.Errorf("the first version is %q", got)
			}
		}
		time.Sleep(20*time.Second + time.Millisecond)
		if got := n.looked(); got != 11 {
			t.Errorf("%d looks in 20 seconds, want 11", got)
		}
		n.set(func() { n.value = 2 })
		n.set(func() { n.value = 3 })
		for _, stream := range streams {
			if got := <-stream.Changes(); got != "3" {
				t.Errorf("the next version is %q", got)
			}
		}
		for _, stream := range streams {
			select {
			case got := <-stream.Changes():
				t.Errorf("nothing changed, and it tells %q", got)
			default:
			}
			stream.Close()
		}
		before := n.looked()
		time.Sleep(time.Minute)
		if n.looked() != before {
			t.Error("it goes on looking for nobody")
		}
	})
}

// Pages share a sample that is less than two seconds old, also one that is being taken; a change invalidates it.
func TestPagesShareALook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &numbers{value: 1, takes: 100 * time.Millisecond}
		s := live.New(n, slog.New(slog.DiscardHandler))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if got, err := s.Current(t.Context()); got != 1 || err != nil {
					t.Errorf("%d, %v", got, err)
				}
			})
		}
		wg.Wait()
		if n.looked() != 1 {
			t.Errorf("%d looks", n.looked())
		}
		n.set(func() { n.value = 2 })
		s.Forget()
		if got, err := s.Current(t.Context()); got != 2 || err != nil {
			t.Errorf("after a change: %d, %v", got, err)
		}
		time.Sleep(3 * time.Second)
		n.set(func() { n.err = errors.New("gone") })
		if got, err := s.Current(t.Context()); err == nil || got != 2 {
			t.Errorf("an error is hidden behind what is old: %d, %v", got, err)
		}
		before := n.looked()
		for range 20 {
			wg.Go(func() {
				if got, err := s.Current(t.Context()); got != 2 || err == nil {
					t.Errorf("%d, %v", got, err)
				}
			})
		}
		wg.Wait()
		if n.looked() != before {
			t.Errorf("a failure is not shared: %d more looks", n.looked()-before)
		}
		n.set(func() { n.err = nil })
		time.Sleep(3 * time.Second)
		if got, err := s.Current(t.Context()); got != 2 || err != nil {
			t.Errorf("after the failure: %d, %v", got, err)
		}
	})
}

// A slow database is given nine tenths of the time to itself.
func TestASlowSourceIsSpared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &numbers{takes: 3 * time.Second}
		s := live.New(n, slog.New(slog.DiscardHandler))
		stream := open(t, s, "ada", "")
		time.Sleep(100 * time.Second)
		if got := n.looked(); got != 4 {
			t.Errorf("%d looks of 3 seconds in 100, want 4", got)
		}
		stream.Close()
	})
}

func TestStreamsOfJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &numbers{value: 7}
		s := live.New(n, slog.New(slog.DiscardHandler))
		one, same, all := open(t, s, "ada", "x"), open(t, s, "ada", "x"), open(t, s, "ada", "")
		if got := <-one.Changes() + <-same.Changes() + <-all.Changes(); got != "x7x77" {
			t.Errorf("versions are %q", got)
		}
		synctest.Wait()
		n.set(func() {
			if strings.Join(n.jobs, ",") != "x" {
				t.Errorf("it looks at %q", n.jobs)
			}
		})
		one.Close()
		same.Close()
		all.Close()
	})
}

// Threat: one person takes all streams.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	s := live.New(&numbers{}, slog.New(slog.DiscardHandler))
	var streams []*live.Stream
	for range live.MaxPerUser {
		streams = append(streams, open(t, s, "eve", ""))
	}
	if _, err := s.Open("eve", ""); !errors.Is(err, live.ErrFull) {
		t.Errorf("one too many of one user: %v", err)
	}
	for i := len(streams); i < live.MaxStreams; i++ {
		streams = append(streams, open(t, s, strconv.Itoa(i), ""))
	}
	if _, err := s.Open("ada", ""); !errors.Is(err, live.ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	for _, stream := range streams {
		stream.Close()
	}
	open(t, s, "eve", "").Close()
}

// An outage is logged once, told to every stream without ending it, and so is its end.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		n := &numbers{value: 1, err: errors.New("gone")}
		s := live.New(n, slog.New(slog.NewTextHandler(&log, nil)))
		streams := []*live.Stream{open(t, s, "ada", ""), open(t, s, "bob", ""), open(t, s, "eve", "x")}
		tell := func(want string) {
			t.Helper()
			var got string
			for _, stream := range streams {
				got += <-stream.Changes() + " "
			}
			if got != want {
				t.Errorf("it tells %q, want %q", got, want)
			}
		}
		tell("unknown unknown unknown ")
		time.Sleep(20 * time.Second)
		n.set(func() { n.err = nil })
		tell("1 1 x1 ")
		n.set(func() { n.err = errors.New("gone") })
		tell("unknown unknown unknown ")
		n.set(func() { n.err, n.value = nil, 1 })
		tell("1 1 x1 ")
		for _, stream := range streams {
			stream.Close()
		}
		if warnings := strings.Count(log.String(), "level=WARN"); warnings != 2 || strings.Count(log.String(), "gone") != 2 {
			t.Errorf("the log has %d warnings:\n%s", warnings, log.String())
		}
	})
}

// A source that never answers is asked one at a time, and who asks does not wait for ever.
func TestASourceThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &numbers{takes: time.Hour}
		s := live.New(n, slog.New(slog.DiscardHandler))
		stream := open(t, s, "ada", "")
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		if _, err := s.Current(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != 3*time.Second {
			t.Errorf("it says %v after %s", err, time.Since(begun))
		}
		if got := <-stream.Changes(); got != live.Unknown {
			t.Errorf("it tells %q", got)
		}
		time.Sleep(time.Second)
		if _, err := s.Current(t.Context()); err == nil || n.looked() != 1 {
			t.Errorf("%d looks, and %v", n.looked(), err)
		}
		begun = time.Now()
		stream.Close()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it takes %s to close a stream", took)
		}
	})
}
