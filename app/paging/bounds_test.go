package paging_test

import (
	"context"
	"encoding/json"
	"flag"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/paging"
)

var doublings = flag.Int("doublings", 7, "how often the 200 rows of TestRowsReadAreBounded are doubled")

// However many rows there are, a request reads a bounded number of them: the first page, the last one, one in the
// middle, searches, and the pages of users who own few rows or none. Counters of the databases tell, not the time.
func TestRowsReadAreBounded(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		store(t, db, 200)
		for rows := 200; rows < 200<<*doublings; rows *= 2 {
			// As many rows with each time, so that the key has to decide.
			columns := "title, slug, body, user_id, public, created_at"
			copied := strings.Replace(columns, "user_id", "5", 1)
			err := db.With(ctx).Exec("INSERT INTO notes (id, "+columns+") SELECT id + ?, "+copied+" FROM notes", rows).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		if db.Dialect() != "sqlite" {
			if err := db.With(ctx).Exec(map[string]string{"postgres": "ANALYZE notes", "mysql": "ANALYZE TABLE notes"}[db.Dialect()]).Error; err != nil {
				t.Fatal(err)
			}
		}
		policies := identity.NewPolicies()
		identity.Allow(policies, "notes.*", func(_ context.Context, actor identity.Actor, note Note) bool {
			return actor.Is(note.UserID)
		}).Where(identity.Owns("user_id"))
		list := newest
		list.Window = 200
		own := list
		own.Action = "notes.read"

		var notes []Note
		middle, err := paging.Find(db.With(ctx).Where("id <= 12800"), &notes, paging.Request{Key: key}, list)
		if err != nil {
			t.Fatal(err)
		}
		read := counter(t, db)
		for _, test := range []struct {
			name    string
			ctx     context.Context
			list    paging.List
			request paging.Request
			most    int
		}{
			{"the first page", ctx, list, paging.Request{}, 100},
			{"the last page", ctx, list, paging.Request{Cursor: paging.Last}, 100},
			{"a page in the middle", ctx, list, paging.Request{Cursor: middle.Next}, 150},
			{"the last page by the key", ctx, paging.List{}, paging.Request{Cursor: paging.Last}, 100},
			{"a search that finds nothing", ctx, list, paging.Request{Search: "zzz"}, 3000},
			{"a search that finds much", ctx, list, paging.Request{Search: "note"}, 6000},
			{"a search, the last page", ctx, list, paging.Request{Search: "note", Cursor: paging.Last}, 6000},
			{
				"a search in what a user with many rows owns, the last page", as(ctx, policies, "5"), own,
				paging.Request{Search: "note", Cursor: paging.Last},
				6000,
			},
			{"what a user with few rows owns", as(ctx, policies, "2"), own, paging.Request{}, 200},
			{"what a user with many rows owns", as(ctx, policies, "5"), own, paging.Request{Cursor: middle.Next}, 200},
			{"what a user without rows owns", as(ctx, policies, "7"), own, paging.Request{Cursor: paging.Last}, 100},
			{"a search in what a user owns", as(ctx, policies, "2"), own, paging.Request{Search: "zzz"}, 6000},
		} {
			test.request.Key = key
			rows := read(test.ctx, func(ctx context.Context) {
				if _, err := paging.Find(db.With(ctx), &notes, test.request, test.list); err != nil {
					t.Error(err)
				}
			})
			if rows > test.most {
				t.Errorf("%s reads %d rows, at most %d are expected", test.name, rows, test.most)
			}
		}
		rows := read(as(ctx, policies, "2"), func(ctx context.Context) {
			if _, err := paging.Choices(db.With(ctx), &notes, []int64{1}, own); err != nil || len(notes) != 41 {
				t.Errorf("%d choices, %v", len(notes), err)
			}
		})
		if rows > 300 {
			t.Errorf("choices read %d rows", rows)
		}
	})
}

// counter returns a function that runs statements and returns how many rows of notes they read. What SQLite reads cannot be
// counted: there it checks the plans, and returns 0.
func counter(t *testing.T, db *database.DB) func(context.Context, func(context.Context)) int {
	t.Helper()
	if db.Dialect() == "mysql" {
		return func(ctx context.Context, run func(context.Context)) (n int) {
			err := db.Transaction(ctx, func(ctx context.Context) error {
				before := handlerReads(ctx, t, db)
				run(ctx)
				n = handlerReads(ctx, t, db) - before
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	var mu sync.Mutex
	var statements []string
	record := func(tx *gorm.DB) {
		if sql := tx.Statement.SQL.String(); !tx.DryRun && strings.HasPrefix(sql, "SELECT") {
			mu.Lock()
			defer mu.Unlock()
			statements = append(statements, tx.Explain(sql, tx.Statement.Vars...))
		}
	}
	if err := db.With(t.Context()).Callback().Query().After("gorm:query").Register("record", record); err != nil {
		t.Fatal(err)
	}
	return func(ctx context.Context, run func(context.Context)) (n int) {
		statements = nil
		run(ctx)
		for _, sql := range slices.Clone(statements) {
			if db.Dialect() == "sqlite" {
				checkPlan(t, db, sql)
			} else {
				n += analyze(t, db, sql)
			}
		}
		return n
	}
}

// handlerReads returns how many rows the session has read, rows of derived tables included.
func handlerReads(ctx context.Context, t *testing.T, db *database.DB) (n int) {
	t.Helper()
	var counters []struct {
		VariableName string
		Value        string
	}
	if err := db.With(ctx).Raw("SHOW SESSION STATUS LIKE 'Handler_read%'").Scan(&counters).Error; err != nil {
		t.Fatal(err)
	}
	if len(counters) == 0 {
		t.Fatal("the server counts nothing")
	}
	for _, c := range counters {
		value, err := strconv.Atoi(c.Value)
		if err != nil {
			t.Fatal(err)
		}
		n += value
	}
	return n
}

// node is one of a plan of PostgreSQL.
type node struct {
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Rechecks float64 `json:"Rows Removed by Index Recheck"`
	Loops    float64 `json:"Actual Loops"`
	Plans    []node
}

func (n node) read() int {
	total := 0
	if n.Relation == "notes" {
		total = int((n.Rows + n.Removed + n.Rechecks) * n.Loops)
	}
	for _, below := range n.Plans {
		total += below.read()
	}
	return total
}

// analyze returns how many rows of notes a statement reads on PostgreSQL.
func analyze(t *testing.T, db *database.DB, sql string) int {
	t.Helper()
	var text string
	if err := db.With(t.Context()).Raw("EXPLAIN (ANALYZE, FORMAT JSON) " + sql).Row().Scan(&text); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		t.Fatal(err)
	}
	return plans[0].Plan.read()
}

// planStep is a step of a plan of SQLite.
type planStep struct {
	Parent int
	Detail string
}

// checkPlan fails the test if SQLite sorts the table, or reads all of it for a condition. Rows of a page that are loaded by
// their keys may be sorted.
func checkPlan(t *testing.T, db *database.DB, sql string) {
	t.Helper()
	var steps []planStep
	if err := db.With(t.Context()).Raw("EXPLAIN QUERY PLAN " + sql).Scan(&steps).Error; err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	derived := map[int]bool{} // parents whose "notes" is a derived table
	for _, step := range steps {
		if step.Detail == "CO-ROUTINE notes" || step.Detail == "MATERIALIZE notes" {
			derived[step.Parent] = true
		}
	}
	if strings.Contains(sql, "`id` IN (") && !slices.ContainsFunc(steps, func(step planStep) bool {
		return strings.Contains(step.Detail, "rowid=?")
	}) {
		t.Errorf("%s\nis run as %+v", sql, steps)
	}
	owned := strings.Contains(sql, "user_id")
	for i, step := range steps {
		byKey := step.Detail == "SCAN notes" && strings.Contains(sql, "FROM `notes` ORDER BY `notes`.`id`")
		onTable := strings.HasPrefix(step.Detail, "SCAN notes") && !derived[step.Parent] && !byKey
		whole := onTable && (!strings.Contains(step.Detail, "USING") || owned && !strings.Contains(step.Detail, "slug"))
		sorted := step.Detail == "USE TEMP B-TREE FOR ORDER BY" && i > 0 &&
			strings.Contains(steps[i-1].Detail, " notes") && !strings.Contains(steps[i-1].Detail, "rowid=?") && !derived[step.Parent] && steps[i-1].Parent == step.Parent
		if whole || sorted {
			t.Errorf("%s\nis run as %+v", sql, steps)
		}
	}
}
