package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/config"
	covetmodels "github.com/covetgo/covet/models"
)

func TestWrites(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]bool{
		"": false, "SELECT * FROM users": false, " select 1": false, "SAVEPOINT covet_1": false, "ROLLBACK TO SAVEPOINT x": false,
		"PRAGMA foreign_keys": false, "EXPLAIN SELECT 1": false,
		"UPDATE users SET x = 1": true, "update `Users` set x = 1": true, "DELETE FROM covet_sessions": true,
		"INSERT INTO covet_outbox VALUES (1)": false, "UPDATE messages SET x = 1": false,
		"WITH gone AS (DELETE FROM users RETURNING id) SELECT * FROM gone": true,
		"WITH x AS (SELECT 1) SELECT * FROM users":                         false,
		"TRUNCATE users": true, "CALL cleanup()": true, "DROP TABLE x": true, "/* c */ UPDATE users SET x = 1": true,
		"-- c\nUPDATE messages SET x = 1": true, // rather once too often
	} {
		if got := writes(sql); got != want {
			t.Errorf("writes(%q) = %t", sql, got)
		}
	}
}

// A look-up that began before a write is not remembered after it.
func TestCacheForgets(t *testing.T) {
	t.Parallel()
	c := newCache(time.Minute)
	seen := c.generation()
	c.put("a", &person{}, seen)
	if _, ok := c.get("a"); !ok {
		t.Fatal("nothing is remembered")
	}
	c.drop()
	if _, ok := c.get("a"); ok {
		t.Error("it is remembered after a write")
	}
	c.put("a", &person{}, seen)
	if _, ok := c.get("a"); ok {
		t.Error("what was looked up before a write is remembered after it")
	}
	c.dropFor(time.Minute)
	c.put("a", &person{}, c.generation())
	if _, ok := c.get("a"); ok {
		t.Error("it is remembered while a write may go on")
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache(time.Minute)
	for i := range cacheSize + 10 {
		c.put(strings.Repeat("a", i%100)+time.Duration(i).String(), &person{}, 0)
	}
	if n := len(c.entries); n > cacheSize {
		t.Errorf("%d entries", n)
	}
	off := newCache(0)
	off.put("a", &person{}, 0)
	if _, ok := off.get("a"); ok {
		t.Error("a cache of no duration remembers")
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1",
		"2001:db8:1:234:3:4:5:6": "2001:db8:1:234::/64 2001:db8:1:200::/56 2001:db8:1::/48",
		"fe80::1%eth0":           "fe80::/64 fe80::/56 fe80::/48", "": "", "@": "@",
	} {
		if got := strings.Join(networks(address), " "); got != want {
			t.Errorf("networks(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestDescribeDevice(t *testing.T) {
	t.Parallel()
	for userAgent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":               "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                   "Safari on macOS",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                            "Chrome on Android",
		"curl/8.5.0": "curl", "": "Unknown device", "<script>": "Unknown device",
	} {
		if got := describeDevice(userAgent); got != want {
			t.Errorf("%q is %q, want %q", userAgent, got, want)
		}
	}
}

// Threat: an answer that comes before anything is hashed. Whatever the account and the password, verifying one waits for its
// turn to hash, which it does not get here.
func TestEveryVerificationHashes(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, user := range map[string]*covetmodels.User{"unknown": nil, "without a password": {}} {
		for _, plain := range []string{"", "short", strings.Repeat("x", maxPassword+1), strings.Repeat("x", 1<<20)} {
			if ok, err := new(Module).verify(ctx, user, plain); ok || !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %d characters: %t, %v", name, len(plain), ok, err)
			}
		}
	}
}

// A full queue for hashing is told as what passes, also when it is wrapped on its way.
func TestBusy(t *testing.T) {
	t.Parallel()
	got := problem.From(fmt.Errorf("verifying a password: %w", busy(fmt.Errorf("hashing: %w", password.ErrBusy))))
	if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "5" {
		t.Errorf("the problem is %d with %v", got.Status, got.Header)
	}
	if err := busy(context.Canceled); !errors.Is(err, context.Canceled) || errors.Is(err, password.ErrBusy) {
		t.Errorf("another error became %v", err)
	}
}

func TestAccessTokenForm(t *testing.T) {
	t.Parallel()
	token := newAccessToken()
	if !wellFormed(token) || !strings.HasPrefix(token, "covet_pat_") || token == newAccessToken() {
		t.Errorf("the token is %q", token)
	}
	for i := range token {
		swapped := token[:i] + "x" + token[i+1:]
		if swapped != token && wellFormed(swapped) {
			t.Errorf("a typing error at %d goes unnoticed", i)
		}
	}
}

func FuzzWellFormed(f *testing.F) {
	f.Add(newAccessToken())
	f.Add("covet_pat_")
	f.Fuzz(func(t *testing.T, text string) {
		if wellFormed(text) && len(text) != len(newAccessToken()) {
			t.Errorf("%q is taken for a token", text)
		}
	})
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"abc": "abc", "abcdef": "abcd", "abcé": "abc", "a\x00b": "ab", "\xff": ""} {
		if got := shorten(text, 4); got != want {
			t.Errorf("shorten(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	type whole struct{ Auth Config }
	for name, flags := range map[string]map[string]string{
		"idle":     {"auth.session_idle": "48h", "auth.session_max": "24h"},
		"remember": {"auth.remember_idle": "48h", "auth.remember_max": "24h"},
		"cache":    {"auth.session_cache": "1h"},
	} {
		_, err := config.Load[whole](config.Options{Dir: t.TempDir(), Environ: []string{}, Flags: flags})
		if err == nil || !strings.Contains(err.Error(), "auth.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	loaded, err := config.Load[whole](config.Options{Dir: t.TempDir(), Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	// The zero value means the same as the tags, apart from the cache.
	got := loaded.Value.Auth
	if got.SessionCache != 250*time.Millisecond {
		t.Errorf("session_cache is %s", got.SessionCache)
	}
	got.SessionCache = 0
	if got != (Config{}).withDefaults() {
		t.Errorf("the defaults differ:\n%+v\n%+v", got, Config{}.withDefaults())
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	if err := (page.Texts{"login.titel": "x"}).Check(); err == nil || !strings.Contains(err.Error(), `"login.titel"`) {
		t.Errorf("an unknown text: %v", err)
	}
}
