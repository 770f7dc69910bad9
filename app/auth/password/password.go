package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/semaphore"
	"golang.org/x/text/unicode/norm"

	"github.com/covetgo/covet/app/internal/fortest"
)

// ErrMalformed is returned by [Verify] for a stored hash that is of no known kind, is damaged, or asks for more work
// than a log-in may cost. Its text never repeats the hash.
var ErrMalformed = errors.New("the stored password hash is unknown, damaged or too expensive")

// ErrTooLong is returned by [Hash] for a password of more than 4096 bytes. [Check] refuses far shorter ones.
var ErrTooLong = errors.New("the password is too long to be hashed")

// ErrBusy is returned at once while 64 others wait for their turn. It passes: try again in some seconds.
var ErrBusy = errors.New("too many passwords are being hashed")

const (
	// maxWaiting bounds how many wait for their turn, who all hold a request, and would wait for seconds.
	maxWaiting = 64
	// maxBytes bounds what is normalized and hashed.
	maxBytes = 4096
	// maxParallel bounds how many hashes are computed at once, on however many CPUs.
	maxParallel = 8
	// bcryptBytes is how much of a password bcrypt has ever looked at.
	bcryptBytes = 72
	// maxBcryptCost is about two seconds of work; each step more doubles it, up to 31.
	maxBcryptCost = 15
)

// shared bounds the hashing of the whole process: memory is the process's, not a caller's.
var shared = newHasher(today, min(runtime.GOMAXPROCS(0), maxParallel))

// Hash returns the hash of a password to store, a PHC string of about 100 characters with a new random salt. Its
// errors are [ErrTooLong], [ErrBusy] and, while it waits for its turn, that of ctx.
func Hash(ctx context.Context, plain string) (string, error) { return shared.hash(ctx, plain) }

// Verify reports whether plain is the password of which hash was stored, and whether it should be hashed again because
// hash is weaker than what [Hash] makes today. Rehash is true only when ok is.
//
// Argon2id ($argon2id$) and bcrypt ($2a$, $2b$, $2y$) are understood; like everywhere, of a longer password bcrypt has
// seen the first 72 bytes only. An empty hash is that of an account without a password: nothing matches, after the
// usual time. The errors are [ErrMalformed], [ErrBusy] and, while it waits for its turn, that of ctx.
//
// Threat: a hash that an attacker could write into the database and that costs gigabytes or minutes at log-in. Hashes of
// more than 128 MiB, of more than 512 MiB over all passes, of more than 16 lanes or of a bcrypt cost above 15 are
// refused unread.
func Verify(ctx context.Context, hash, plain string) (ok, rehash bool, err error) {
	return shared.verify(ctx, hash, plain)
}

// VerifyDummy does the work of [Verify] and matches nothing. Call it when there is no account, so that the time of the
// answer does not tell. (An account whose hash is not by [Hash] takes another time until its next log-in.)
func VerifyDummy(ctx context.Context, plain string) error {
	_, _, err := shared.verify(ctx, "", plain)
	return err
}

// Hasher hashes and verifies passwords. Its zero value is the functions of this package; there is no other in an
// application.
type Hasher struct{ h *hasher }

// Cheap returns a hasher whose hashes cost next to nothing and are weak. Only tests can call it. A hash that it made is
// replaced at the first log-in with the functions of this package.
func Cheap(fortest.Only) Hasher { return Hasher{newHasher(cheap, maxParallel)} }

func (h Hasher) hasher() *hasher {
	if h.h == nil {
		return shared
	}
	return h.h
}

// Hash is the function [Hash].
func (h Hasher) Hash(ctx context.Context, plain string) (string, error) {
	return h.hasher().hash(ctx, plain)
}

// Verify is the function [Verify].
func (h Hasher) Verify(ctx context.Context, hash, plain string) (ok, rehash bool, err error) {
	return h.hasher().verify(ctx, hash, plain)
}

// VerifyDummy is the function [VerifyDummy].
func (h Hasher) VerifyDummy(ctx context.Context, plain string) error {
	_, _, err := h.hasher().verify(ctx, "", plain)
	return err
}

// hasher computes hashes, a few at once.
type hasher struct {
	params  params              // of new hashes
	slots   *semaphore.Weighted // of memory, in KiB
	size    int64
	waiting atomic.Int32
	derive  func(password, salt []byte, p params) []byte
}

func newHasher(p params, parallel int) *hasher {
	size := int64(parallel) * int64(p.memory)
	return &hasher{params: p, slots: semaphore.NewWeighted(size), size: size, derive: derive}
}

func derive(password, salt []byte, p params) []byte {
	return argon2.IDKey(password, salt, p.time, p.memory, p.threads, p.keyLength)
}

// acquire waits until memory (in KiB) is free. A hash that needs more than there is runs alone.
//
// Threat: a flood of log-ins, whose queue keeps everybody waiting long after it has ended.
func (h *hasher) acquire(ctx context.Context, memory uint32) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n := min(int64(memory), h.size)
	release = func() { h.slots.Release(n) }
	if h.slots.TryAcquire(n) {
		return release, nil
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > maxWaiting {
		return nil, ErrBusy
	}
	if err := h.slots.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return release, nil
}

func (h *hasher) hash(ctx context.Context, plain string) (string, error) {
	if len(plain) > maxBytes {
		return "", ErrTooLong
	}
	release, err := h.acquire(ctx, h.params.memory)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails
	return phc{params: h.params, salt: salt, key: h.derive(normalized(plain), salt, h.params)}.String(), nil
}

func (h *hasher) verify(ctx context.Context, hash, plain string) (ok, rehash bool, err error) {
	tooLong := len(plain) > maxBytes
	if tooLong {
		plain = ""
	}
	switch {
	case hash == "":
		dummy := phc{params: h.params, salt: make([]byte, saltLength), key: make([]byte, h.params.keyLength)}
		_, err = h.matches(ctx, dummy, plain)
	case isBcrypt(hash):
		ok, err = h.matchesBcrypt(ctx, hash, plain)
		rehash = true
	default:
		var stored phc
		if stored, err = parse(hash); err == nil {
			ok, err = h.matches(ctx, stored, plain)
			rehash = stored.weakerThan(h.params)
		}
	}
	ok = ok && !tooLong && err == nil
	return ok, ok && rehash, err
}

func (h *hasher) matches(ctx context.Context, stored phc, plain string) (bool, error) {
	release, err := h.acquire(ctx, stored.memory)
	if err != nil {
		return false, err
	}
	defer release()
	key := h.derive(normalized(plain), stored.salt, stored.params)
	return subtle.ConstantTimeCompare(key, stored.key) == 1, nil
}

func isBcrypt(hash string) bool {
	return strings.HasPrefix(hash, "$2a$") || strings.HasPrefix(hash, "$2b$") || strings.HasPrefix(hash, "$2y$")
}

func (h *hasher) matchesBcrypt(ctx context.Context, hash, plain string) (bool, error) {
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxBcryptCost {
		return false, fmt.Errorf("reading a bcrypt hash: %w", ErrMalformed)
	}
	release, err := h.acquire(ctx, h.params.memory) // hardly any memory, but a CPU
	if err != nil {
		return false, err
	}
	defer release()
	err = bcrypt.CompareHashAndPassword([]byte(hash), []byte(plain)[:min(len(plain), bcryptBytes)])
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		return false, nil
	default:
		return false, fmt.Errorf("comparing with a bcrypt hash: %w", ErrMalformed)
	}
}

func normalized(plain string) []byte { return norm.NFKC.Bytes([]byte(plain)) }
