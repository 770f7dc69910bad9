package password_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/covetgo/covet/app/auth/password"
)

const phrase = "wombat sails the seas"

func hashOf(t testing.TB, plain string) string {
	t.Helper()
	hash, err := password.Hash(t.Context(), plain)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	hash := hashOf(t, phrase)
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(hash) {
		t.Errorf("the hash is %s", hash)
	}
	if again := hashOf(t, phrase); again == hash {
		t.Error("two hashes of one password are equal: no salt")
	}
	ok, rehash, err := password.Verify(t.Context(), hash, phrase)
	if !ok || rehash || err != nil {
		t.Errorf("the password: %v, rehash %v, %v", ok, rehash, err)
	}
	for _, wrong := range []string{"", "Wombat sails the seas", phrase + " ", phrase[:len(phrase)-1], strings.Repeat(phrase, 1000)} {
		if ok, rehash, err := password.Verify(t.Context(), hash, wrong); ok || rehash || err != nil {
			t.Errorf("%.40q: %v, rehash %v, %v", wrong, ok, rehash, err)
		}
	}
}

// The argon2id hashes are of the test of the reference implementation (github.com/P-H-C/phc-winner-argon2, test.c),
// those of bcrypt as libxcrypt computes them.
func TestVerifyKnownHashes(t *testing.T) {
	t.Parallel()
	const (
		large = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
		lanes = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"
		small = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
		php   = "BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"
	)
	for _, c := range []struct {
		name, hash, plain string
		ok, rehash        bool
	}{
		{"more memory, short salt", large, "password", true, true},
		{"another password", large, "differentpassword", false, false},
		{"two lanes", lanes, "password", true, true},
		{"little memory", small, "password", true, true},
		{"bcrypt 2a", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.", "", true, true},
		{"bcrypt 2y", "$2y$07$" + php, "rasmuslerdorf", true, true},
		{"bcrypt 2b", "$2b$07$" + php, "rasmuslerdorf", true, true},
		{"bcrypt, wrong", "$2y$07$" + php, "rasmuslerdorg", false, false},
		{"no password", "", "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ok, rehash, err := password.Verify(t.Context(), c.hash, c.plain)
			if ok != c.ok || rehash != c.rehash || err != nil {
				t.Errorf("%v, rehash %v, %v; want %v, rehash %v", ok, rehash, err, c.ok, c.rehash)
			}
		})
	}
}

// bcrypt cuts passwords at 72 bytes. A user who chose a longer one elsewhere can sign in, and gets a hash of the whole
// password.
func TestBcryptIsUpgraded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 7) + "ab and what bcrypt never saw"
	stored, err := bcrypt.GenerateFromPassword([]byte(long[:72]), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	ok, rehash, err := password.Verify(t.Context(), string(stored), long)
	if !ok || !rehash || err != nil {
		t.Fatalf("%v, rehash %v, %v", ok, rehash, err)
	}
	upgraded := hashOf(t, long)
	if ok, rehash, err := password.Verify(t.Context(), upgraded, long); !ok || rehash || err != nil {
		t.Errorf("after the upgrade: %v, rehash %v, %v", ok, rehash, err)
	}
	if ok, _, err := password.Verify(t.Context(), upgraded, long[:72]); ok || err != nil {
		t.Errorf("the first 72 bytes after the upgrade: %v, %v", ok, err)
	}
}

// The attack: a stored hash that makes a log-in cost gigabytes or minutes, or that is no hash at all.
func TestVerifyRefusesHashes(t *testing.T) {
	t.Parallel()
	const tail = "$c29tZXNhbHRzb21lc2FsdA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for name, hash := range map[string]string{
		"4 TiB":                "$argon2id$v=19$m=4294967295,t=1,p=1" + tail,
		"1 GiB":                "$argon2id$v=19$m=1048576,t=1,p=1" + tail,
		"four billion passes":  "$argon2id$v=19$m=8,t=4294967295,p=1" + tail,
		"much work":            "$argon2id$v=19$m=131072,t=5,p=1" + tail,
		"overflow":             "$argon2id$v=19$m=9999999999,t=9999999999,p=1" + tail,
		"many lanes":           "$argon2id$v=19$m=19456,t=2,p=255" + tail,
		"no lanes":             "$argon2id$v=19$m=19456,t=2,p=0" + tail,
		"no passes":            "$argon2id$v=19$m=19456,t=0,p=1" + tail,
		"no memory":            "$argon2id$v=19$m=0,t=2,p=1" + tail,
		"memory below 8 lanes": "$argon2id$v=19$m=15,t=2,p=2" + tail,
		"argon2i":              "$argon2i$v=19$m=19456,t=2,p=1" + tail,
		"old version":          "$argon2id$v=16$m=19456,t=2,p=1" + tail,
		"no version":           "$argon2id$m=19456,t=2,p=1" + tail,
		"signs":                "$argon2id$v=19$m=+19456,t=2,p=1" + tail,
		"short key":            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAA",
		"short salt":           "$argon2id$v=19$m=19456,t=2,p=1$AAAA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"loose bits in base64": "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdB$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"a line more":          "$argon2id$v=19$m=19456,t=2,p=1" + tail + "\n",
		"bcrypt cost 31":       "$2a$31$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
		"bcrypt cost 99":       "$2a$99$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
		"bcrypt 2x":            "$2x$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
		"bcrypt, cut":          "$2a$06$DCq7YPn5Rq63x1Lad4cll",
		"MD5":                  "5f4dcc3b5aa765d61d8327deb882cf99",
		"the password itself":  phrase,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			ok, rehash, err := password.Verify(t.Context(), hash, phrase)
			if ok || rehash || !errors.Is(err, password.ErrMalformed) {
				t.Errorf("%v, rehash %v, %v; want ErrMalformed", ok, rehash, err)
			}
			if err != nil && strings.Contains(err.Error(), hash) {
				t.Errorf("the error repeats the hash: %v", err)
			}
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("refusing took %v", took)
			}
		})
	}
}

func TestHashRefusesBooks(t *testing.T) {
	t.Parallel()
	if _, err := password.Hash(t.Context(), strings.Repeat("x", 5000)); !errors.Is(err, password.ErrTooLong) {
		t.Errorf("%v, want ErrTooLong", err)
	}
	// A hash of nothing must not match what is too long to be hashed.
	if ok, _, err := password.Verify(t.Context(), hashOf(t, ""), strings.Repeat("x", 5000)); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
}

// One keyboard sends é as one code point, another as two.
func TestUnicodeIsNormalized(t *testing.T) {
	t.Parallel()
	composed, decomposed := "caf\u00e9 au lait, s'il vous pla\u00eet", "cafe\u0301 au lait, s'il vous plai\u0302t"
	if ok, _, err := password.Verify(t.Context(), hashOf(t, composed), decomposed); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	stored, err := bcrypt.GenerateFromPassword([]byte(decomposed), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := password.Verify(t.Context(), string(stored), decomposed); !ok || err != nil {
		t.Errorf("bcrypt of what was typed: %v, %v", ok, err)
	}
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := password.Hash(ctx, phrase); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: %v", err)
	}
	if ok, _, err := password.Verify(ctx, "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.", ""); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("Verify: %v, %v", ok, err)
	}
	if err := password.VerifyDummy(ctx, phrase); !errors.Is(err, context.Canceled) {
		t.Errorf("VerifyDummy: %v", err)
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 500 {
		generated := password.Generate()
		if !regexp.MustCompile(`^([a-z2-7]{5}-){4}[a-z2-7]{6}$`).MatchString(generated) {
			t.Fatalf("generated %q", generated)
		}
		if seen[generated] {
			t.Fatalf("%q came twice", generated)
		}
		seen[generated] = true
		if message := password.Check(t.Context(), generated, "ann@example.com", "Ann"); message != "" {
			t.Errorf("%q: %s", generated, message)
		}
	}
}

func FuzzVerify(f *testing.F) {
	for _, seed := range []string{
		"", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4294967295,t=4294967295,p=255$$", "$2a$04$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.",
		"$2a$", "$2y$31$", "$2b$04$\x00", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		ok, rehash, err := password.Verify(t.Context(), hash, "a password that nobody stored")
		if ok || rehash {
			t.Errorf("%q matches", hash)
		}
		if err != nil && !errors.Is(err, password.ErrMalformed) {
			t.Errorf("%q: %v", hash, err)
		}
	})
}

func Example() {
	ctx := context.Background()
	fmt.Println(password.Check(ctx, "ann-smith-1987", "ann.smith@example.com"))

	hash, err := password.Hash(ctx, "wombat sails the seas")
	if err != nil {
		fmt.Println(err)
		return
	}
	ok, rehash, err := password.Verify(ctx, hash, "wombat sails the seas")
	fmt.Println(ok, rehash, err)
	// Output:
	// This password consists of names that others know, such as your name or your address. Choose another one.
	// true false <nil>
}

func BenchmarkVerify(b *testing.B) {
	hash := hashOf(b, phrase)
	for b.Loop() {
		if ok, _, err := password.Verify(b.Context(), hash, phrase); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
