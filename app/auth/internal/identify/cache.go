package identify

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

// cacheSize bounds the entries. When it is reached all entries are dropped, which costs each session one query.
const cacheSize = 10_000

// cache holds what was found for ttl, by the hash of the secret. Every write of this process to the tables involved
// empties it, so that only writes of other processes go unnoticed, and only for ttl.
//
// A result that was read before a write must not be stored after it: a query belongs to the generation in which it
// began, and every write starts another generation. A write in a transaction does so twice, when it happens and when
// it is committed, since a query in between still reads the old row.
type cache struct {
	ttl time.Duration

	mu      sync.Mutex
	gen     uint64
	entries map[string]cacheEntry
	quiet   time.Time // before which nothing is stored
}

type cacheEntry struct {
	holder *Holder
	until  time.Time
}

func newCache(ttl time.Duration) *cache { return &cache{ttl: ttl, entries: map[string]cacheEntry{}} }

func (c *cache) get(hash string) (*Holder, bool) {
	if c.ttl <= 0 {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.entries[hash]
	if !ok || !time.Now().Before(entry.until) {
		return nil, false
	}
	return entry.holder, true
}

func (c *cache) generation() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gen
}

// put stores what a query found that began in the generation seen.
func (c *cache) put(hash string, h *Holder, seen uint64) {
	if c.ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.gen != seen || now.Before(c.quiet) {
		return
	}
	if len(c.entries) >= cacheSize {
		clear(c.entries)
	}
	c.entries[hash] = cacheEntry{holder: h, until: now.Add(c.ttl)}
}

// replace puts a newer copy in the place of an entry that is still there.
func (c *cache) replace(hash string, old, h *Holder) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if entry, ok := c.entries[hash]; ok && entry.holder == old {
		entry.holder = h
		c.entries[hash] = entry
	}
}

func (c *cache) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gen++
	clear(c.entries)
}

// dropFor is drop for a write whose end is not reported: nothing is stored for a while either.
func (c *cache) dropFor(d time.Duration) {
	c.drop()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = time.Now().Add(d)
}

// involved are the tables that determine who acts. It is read only.
var involved = []string{
	"users", "covet_sessions", "covet_user_roles", "covet_roles", "covet_role_permissions", "covet_access_tokens",
}

type harmlessKey struct{}

// harmless marks a write that changes nothing that the cache answers: when a session was last used.
func harmless(ctx context.Context) context.Context {
	return context.WithValue(ctx, harmlessKey{}, true)
}

// watch empties the cache at every write through db. Statements through the *sql.DB beneath it go unnoticed.
func (c *cache) watch(db *gorm.DB) error {
	const name, end = "covet:auth", "gorm:commit_or_rollback_transaction"
	written := func(tx *gorm.DB) {
		if c.concerns(tx) {
			c.dropNowAndAfterCommit(tx)
		}
	}
	raw := func(tx *gorm.DB) {
		if writes(tx.Statement.SQL.String()) && !isHarmless(tx) {
			c.dropNowAndAfterCommit(tx)
		}
	}
	// INSERT … RETURNING through Raw().Scan: it may go on while its rows are read.
	rows := func(tx *gorm.DB) {
		if writes(tx.Statement.SQL.String()) && !isHarmless(tx) {
			c.dropNowAndAfterCommit(tx)
			c.dropFor(c.ttl)
		}
	}
	for _, register := range []func() error{
		func() error { return db.Callback().Create().After(end).Register(name, written) },
		func() error { return db.Callback().Update().After(end).Register(name, written) },
		func() error { return db.Callback().Delete().After(end).Register(name, written) },
		func() error { return db.Callback().Raw().After("gorm:raw").Register(name, raw) },
		func() error { return db.Callback().Row().After("gorm:row").Register(name, rows) },
		func() error { return db.Callback().Query().After("gorm:query").Register(name, rows) },
	} {
		if err := register(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cache) dropNowAndAfterCommit(tx *gorm.DB) {
	c.drop()
	database.AfterCommit(database.Join(tx.Statement.Context, tx), func(context.Context) { c.drop() })
}

// concerns reports whether a statement that GORM built writes to a table involved, or may.
func (c *cache) concerns(tx *gorm.DB) bool {
	s := tx.Statement
	return !isHarmless(tx) && (s.TableExpr != nil || slices.Contains(involved, s.Table))
}

func isHarmless(tx *gorm.DB) bool {
	return tx.Statement.Context != nil && tx.Statement.Context.Value(harmlessKey{}) != nil
}

var (
	// reading matches what only reads, or opens and closes transactions.
	reading = regexp.MustCompile(`(?is)^\s*(select|show|explain|pragma|values|savepoint|release|rollback|set)\b`)
	// changing matches the keywords of statements that write, at any position: WITH … AS (DELETE …) SELECT.
	changing = regexp.MustCompile(`(?is)\b(insert|update|delete|replace|merge|truncate|drop|alter)\b`)
	// plain matches a statement whose text names its table.
	plain = regexp.MustCompile(`(?is)^\s*(insert|update|delete|replace|with)\b`)
)

// writes reports whether SQL written by hand may write to a table involved.
func writes(sql string) bool {
	if len(sql) < 6 || strings.EqualFold(sql[:6], "SELECT") || reading.MatchString(sql) {
		return false
	}
	if plain.MatchString(sql) {
		lower := strings.ToLower(sql)
		return changing.MatchString(sql) && slices.ContainsFunc(involved, func(table string) bool {
			return strings.Contains(lower, table)
		})
	}
	return true
}
