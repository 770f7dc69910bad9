package paging_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/paging"
	"github.com/covetgo/covet/internal/testserver"
)

// Note is what the lists of the tests consist of.
type Note struct {
	ID        int64
	Title     string `gorm:"size:100;not null"`
	Slug      string `gorm:"size:100;not null;index"`
	Body      string `gorm:"size:200;not null"`
	UserID    int64  `gorm:"not null"`
	Public    bool   `gorm:"not null"`
	TagID     *int64
	Tag       *Tag      `gorm:"-:migration"`
	CreatedAt time.Time `gorm:"precision:6;not null"`
}

// Tag is what notes refer to.
type Tag struct {
	ID   int64
	Name string `gorm:"size:100"`
}

var key = []byte("only-for-tests")

// newest is the list of the tests.
var newest = paging.List{
	Order: paging.Newest("created_at"), Search: []string{"title", "body"}, Prefix: []string{"slug"},
}

// eachDatabase runs a test on a database of each kind with an empty table of notes.
func eachDatabase(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	t.Parallel()
	for name, newURL := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "app.db") },
		"postgres": testserver.Postgres,
		"mysql":    testserver.MySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := database.Open(database.Config{URL: newURL(t)}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			if err := db.With(t.Context()).AutoMigrate(&Tag{}, &Note{}); err != nil {
				t.Fatal(err)
			}
			for name, columns := range map[string]string{
				"idx_notes_list": "created_at, id", "idx_notes_user_list": "user_id, created_at, id",
			} {
				if err := db.With(t.Context()).Exec("CREATE INDEX " + name + " ON notes (" + columns + ")").Error; err != nil {
					t.Fatal(err)
				}
			}
			test(t, db)
		})
	}
}

// start is when the first note was made.
var start = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

// store stores n notes, three at a time with the same time, of the users 1 to 5 in turn.
func store(t *testing.T, db *database.DB, n int, changes ...func(i int, note *Note)) {
	t.Helper()
	notes := make([]Note, n)
	for i := range notes {
		notes[i] = Note{
			ID: int64(i + 1), Title: fmt.Sprintf("Note %d", i+1), Slug: fmt.Sprintf("slug-%05d", i+1),
			UserID: int64(i%5 + 1), CreatedAt: start.Add(time.Duration(i/3) * time.Microsecond),
		}
		for _, change := range changes {
			change(i, &notes[i])
		}
	}
	if err := db.With(t.Context()).CreateInBatches(notes, 500).Error; err != nil {
		t.Fatal(err)
	}
}

// find reads a page and returns the IDs on it.
func find(ctx context.Context, t *testing.T, db *database.DB, request paging.Request, list paging.List) ([]int64, paging.Page) {
	t.Helper()
	request.Key = key
	var notes []Note
	page, err := paging.Find(db.With(ctx).Preload("Tag"), &notes, request, list)
	if err != nil {
		t.Fatal(err)
	}
	return ids(notes), page
}

func ids(notes []Note) []int64 {
	list := []int64{}
	for _, note := range notes {
		list = append(list, note.ID)
	}
	return list
}

// walk reads the pages from a cursor on, by Next or by Previous, and returns all IDs in the order of the list.
func walk(
	ctx context.Context, t *testing.T, db *database.DB, request paging.Request, list paging.List, backward bool,
) (all []int64, pages int) {
	t.Helper()
	for ; pages < 100; pages++ {
		found, page := find(ctx, t, db, request, list)
		if backward {
			all = append(found, all...)
			request.Cursor = page.Previous
		} else {
			all = append(all, found...)
			request.Cursor = page.Next
		}
		if request.Cursor == "" {
			return all, pages + 1
		}
	}
	t.Fatal("the list does not end")
	return nil, 0
}

// down returns the numbers from high to low.
func down(high, low int64, keep ...func(id int64) bool) []int64 {
	list := []int64{}
	for id := high; id >= low; id-- {
		if !slices.ContainsFunc(keep, func(keep func(int64) bool) bool { return !keep(id) }) {
			list = append(list, id)
		}
	}
	return list
}

// as returns a context in which a user acts under policies.
func as(ctx context.Context, p *identity.Policies, id string) context.Context {
	return identity.With(identity.WithPolicies(ctx, p), identity.Actor{ID: id})
}

// isPublic is a condition as an application writes it, with an OR.
func isPublic(context.Context, identity.Actor) clause.Expression {
	return clause.Expr{SQL: "public = ? OR public = ?", Vars: []any{true, true}}
}
