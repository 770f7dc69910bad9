package identify

import (
	"strings"
	"testing"
	"time"
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
		"-- c\nUPDATE messages SET x = 1": true, // better once too often
	} {
		if got := writes(sql); got != want {
			t.Errorf("writes(%q) = %t", sql, got)
		}
	}
}

// What a query reads that began before a write is not cached after it.
func TestCacheForgets(t *testing.T) {
	t.Parallel()
	c := newCache(time.Minute)
	seen := c.generation()
	c.put("a", &Holder{}, seen)
	if _, ok := c.get("a"); !ok {
		t.Fatal("nothing is cached")
	}
	c.drop()
	if _, ok := c.get("a"); ok {
		t.Error("it is cached after a write")
	}
	c.put("a", &Holder{}, seen)
	if _, ok := c.get("a"); ok {
		t.Error("what was read before a write is cached after it")
	}
	c.dropFor(time.Minute)
	c.put("a", &Holder{}, c.generation())
	if _, ok := c.get("a"); ok {
		t.Error("it is cached while a write may continue")
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache(time.Minute)
	for i := range cacheSize + 10 {
		c.put(strings.Repeat("a", i%100)+time.Duration(i).String(), &Holder{}, 0)
	}
	if n := len(c.entries); n > cacheSize {
		t.Errorf("%d entries", n)
	}
	off := newCache(0)
	off.put("a", &Holder{}, 0)
	if _, ok := off.get("a"); ok {
		t.Error("a cache without a lifetime caches")
	}
}
