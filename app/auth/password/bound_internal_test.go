package password

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/covetgo/covet/app/internal/fortest"
)

// The attack: a thousand log-ins at once, each of which wants its 19 MiB.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	const parallel = 3
	h := newHasher(today, parallel)
	var now, most atomic.Int32
	entered, proceed := make(chan struct{}, 100), make(chan struct{})
	h.derive = func(_, _ []byte, p params) []byte {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
			continue
		}
		entered <- struct{}{}
		<-proceed
		now.Add(-1)
		return make([]byte, p.keyLength)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := h.hash(t.Context(), "wombat"); err != nil {
				t.Error(err)
			}
		})
	}
	for range parallel {
		<-entered
	}

	// Who waits no longer gives up.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := h.verify(ctx, "", "wombat"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting too long: %v", err)
	}
	close(proceed)
	wg.Wait()
	if got := most.Load(); got != parallel {
		t.Errorf("%d at once, want %d", got, parallel)
	}
}

// The attack: log-ins without end, each of which waits for those before it.
func TestWaitingIsBounded(t *testing.T) {
	t.Parallel()
	h := newHasher(today, 1)
	release, err := h.acquire(t.Context(), today.memory)
	if err != nil {
		t.Fatal(err)
	}
	const over = 10
	results := make(chan error, maxWaiting+over)
	for range maxWaiting + over {
		go func() {
			mine, err := h.acquire(t.Context(), today.memory)
			if err == nil {
				mine()
			}
			results <- err
		}()
	}
	for range over { // at once, while the others wait
		if err := <-results; !errors.Is(err, ErrBusy) {
			t.Errorf("one too many: %v, want ErrBusy", err)
		}
	}
	release()
	for range maxWaiting {
		if err := <-results; err != nil {
			t.Errorf("who waited: %v", err)
		}
	}
	if n := h.waiting.Load(); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

// A hash that needs more memory than is set aside runs all the same, but alone.
func TestLargeHashRunsAlone(t *testing.T) {
	t.Parallel()
	h := newHasher(today, 2)
	release, err := h.acquire(t.Context(), maxMemory)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := h.acquire(ctx, today.memory); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second beside it: %v", err)
	}
	release()
	again, err := h.acquire(t.Context(), today.memory)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

// The dummy must do the work of a real verification: the same derivation with the same parameters, once.
func TestDummyDoesTheSameWork(t *testing.T) {
	t.Parallel()
	h := newHasher(today, 1)
	var calls []params
	h.derive = func(_, salt []byte, p params) []byte {
		if len(salt) != saltLength {
			t.Errorf("a salt of %d bytes", len(salt))
		}
		calls = append(calls, p)
		return make([]byte, p.keyLength)
	}
	hash, err := h.hash(t.Context(), "wombat")
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range []string{hash, ""} {
		ok, _, err := h.verify(t.Context(), stored, "wombat")
		if err != nil || ok != (stored != "") {
			t.Errorf("%q: %v, %v", stored, ok, err)
		}
	}
	if len(calls) != 3 || calls[1] != today || calls[2] != today {
		t.Errorf("derivations: %v", calls)
	}
}

func TestPHCRoundTrip(t *testing.T) {
	t.Parallel()
	const s = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	parsed, err := parse(s)
	if err != nil {
		t.Fatal(err)
	}
	if got := parsed.String(); got != s {
		t.Errorf("%s became %s", s, got)
	}
	if parsed.weakerThan(today) {
		t.Error("RFC 9106's second choice counts as weak")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := parse(s)
		if err != nil {
			return
		}
		if parsed.String() != s {
			t.Errorf("%q reads as %q", s, parsed)
		}
		if parsed.memory > maxMemory || uint64(parsed.memory)*uint64(parsed.time) > maxWork || parsed.threads < 1 || parsed.time < 1 {
			t.Errorf("%q is allowed", s)
		}
	})
}

// Threat: an application stores hashes that only tests may make. A log-in with the functions of this package replaces
// them.
func TestCheapHashesAreReplaced(t *testing.T) {
	t.Parallel()
	h := Cheap(fortest.Only{})
	hash, err := h.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if ok, rehash, err := h.Verify(t.Context(), hash, "correct horse battery"); !ok || rehash || err != nil {
		t.Errorf("in a test: %t, %t, %v", ok, rehash, err)
	}
	if ok, rehash, err := Verify(t.Context(), hash, "correct horse battery"); !ok || !rehash || err != nil {
		t.Errorf("in an application: %t, %t, %v", ok, rehash, err)
	}
	if ok, _, err := h.Verify(t.Context(), hash, "wrong"); ok || err != nil {
		t.Errorf("a wrong password: %t, %v", ok, err)
	}
	strong, err := Hasher{}.Hash(t.Context(), "correct horse battery")
	if err != nil || !strings.HasPrefix(strong, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("the zero hasher makes %q, %v", strong, err)
	}
}
