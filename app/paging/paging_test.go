package paging_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/paging"
	"github.com/covetgo/covet/app/problem"
)

func TestPages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		if found, page := find(ctx, t, db, paging.Request{Total: true}, newest); len(found) != 0 || page != (paging.Page{}) {
			t.Errorf("the empty list: %v %+v", found, page)
		}
		store(t, db, 25)
		for name, list := range map[string]paging.List{
			"by a time that rows share": newest, "by the key": {}, "ascending": {Order: paging.Oldest("created_at")},
			"by a text": {Order: paging.Oldest("slug")},
		} {
			want := down(25, 1)
			if list.Order.Ascending {
				slices.Reverse(want)
			}
			if got, pages := walk(ctx, t, db, paging.Request{Limit: 4}, list, false); !slices.Equal(got, want) || pages != 7 {
				t.Errorf("%s: forward %d pages: %v", name, pages, got)
			}
			request := paging.Request{Limit: 4, Cursor: paging.Last}
			if got, pages := walk(ctx, t, db, request, list, true); !slices.Equal(got, want[:0:0]) && !endsWith(got, want) || pages != 7 {
				t.Errorf("%s: backward %d pages: %v", name, pages, got)
			}
		}
		found, first := find(ctx, t, db, paging.Request{Limit: 4, Total: true}, newest)
		if first.Previous != "" || first.Total != 25 || first.TotalMore || !slices.Equal(found, down(25, 22)) {
			t.Errorf("the first page: %v %+v", found, first)
		}
		found, second := find(ctx, t, db, paging.Request{Limit: 4, Cursor: first.Next}, newest)
		if second.Total != -1 || !slices.Equal(found, down(21, 18)) {
			t.Errorf("the second page: %v %+v", found, second)
		}
		found, back := find(ctx, t, db, paging.Request{Limit: 4, Cursor: second.Previous}, newest)
		if back.Previous != "" || back.Next != first.Next || !slices.Equal(found, down(25, 22)) {
			t.Errorf("back to the first page: %v %+v", found, back)
		}
		found, last := find(ctx, t, db, paging.Request{Limit: 4, Cursor: paging.Last}, newest)
		if last.Next != "" || last.Previous == "" || !slices.Equal(found, down(4, 1)) {
			t.Errorf("the last page: %v %+v", found, last)
		}

		// Rows that go and come meanwhile are neither skipped nor repeated.
		if err := db.With(ctx).Delete(&Note{}, []int64{22, 23, 21}).Error; err != nil {
			t.Fatal(err)
		}
		if found, _ := find(ctx, t, db, paging.Request{Limit: 4, Cursor: first.Next}, newest); !slices.Equal(found, down(20, 17)) {
			t.Errorf("after a deletion the second page is %v", found)
		}
		// A page whose rows are all gone leads back.
		if err := db.With(ctx).Where("id <= 18").Delete(&Note{}).Error; err != nil {
			t.Fatal(err)
		}
		found, end := find(ctx, t, db, paging.Request{Limit: 4, Cursor: second.Next}, newest)
		if len(found) != 0 || end.Next != "" || end.Previous != paging.Last {
			t.Errorf("beyond the end: %v %+v", found, end)
		}
	})
}

// endsWith reports whether got is want, or its rows with a first page that is complete, and so shares rows with the
// second.
func endsWith(got, want []int64) bool {
	tail := got[max(0, len(got)-len(want)):]
	return slices.Equal(tail, want[len(want)-len(tail):]) || slices.Equal(slices.Compact(sorted(got)), sorted(want))
}

func sorted(ids []int64) []int64 { return slices.Sorted(slices.Values(ids)) }

func TestTotalIsBounded(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		store(t, db, paging.Counted+1)
		_, page := find(t.Context(), t, db, paging.Request{Total: true}, newest)
		if page.Total != paging.Counted || !page.TotalMore {
			t.Errorf("%d, more %v", page.Total, page.TotalMore)
		}
		if _, page := find(t.Context(), t, db, paging.Request{Total: true, Search: "Note 10"}, newest); page.Total != 13 || page.TotalMore {
			t.Errorf("a search: %d, more %v", page.Total, page.TotalMore)
		}
	})
}

func TestSearch(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		store(t, db, 60, func(i int, note *Note) {
			switch i + 1 {
			case 5:
				note.Slug = "Needle-old" // beyond the window, found by the index
			case 6:
				note.Body = "a needle beyond the window"
			case 7:
				note.Slug = "haystack-needle" // does not begin with it
			case 50, 52, 54:
				note.Body = "has a NEEDLE in it"
			}
			note.CreatedAt = start.Add(time.Duration(i) * time.Second)
		})
		list := newest
		list.Window = 20
		for _, test := range []struct {
			text     string
			want     []int64
			searched int
		}{
			{"needle", []int64{54, 52, 50, 5}, 20},
			{"Needle", []int64{54, 52, 50, 5}, 20},
			{"Note 60", []int64{60}, 20},
			{"Note 1", []int64{}, 20},
			{"slug-00003", []int64{3}, 20},
			{"%", []int64{}, 20},
			{"a\x00b", []int64{}, 20},
			{"\xff", []int64{}, 20},
			{strings.Repeat("x", 10_000), []int64{}, 20},
			{" ", down(60, 1), 0},
		} {
			for _, limit := range []int{2, 100} {
				got, _ := walk(t.Context(), t, db, paging.Request{Limit: limit, Search: test.text}, list, false)
				if !slices.Equal(got, test.want) {
					t.Errorf("%.20q by %d: %v, want %v", test.text, limit, got, test.want)
				}
			}
			if _, page := find(t.Context(), t, db, paging.Request{Search: test.text}, list); page.Searched != test.searched {
				t.Errorf("%.20q: searched %d, want %d", test.text, page.Searched, test.searched)
			}
		}
		if found, _ := find(t.Context(), t, db, paging.Request{Search: "zzz"}, paging.List{}); len(found) != 20 {
			t.Errorf("a list without a search shows %d rows", len(found))
		}
		// A window that is as large as the list leaves nothing out, and says nothing.
		list.Window = 60
		if found, page := find(t.Context(), t, db, paging.Request{Search: "needle"}, list); page.Searched != 0 || len(found) != 6 {
			t.Errorf("%v, searched %d", found, page.Searched)
		}
		if got, _ := walk(t.Context(), t, db, paging.Request{Limit: 2, Search: "needle", Cursor: paging.Last}, list, true); len(got) != 6 {
			t.Errorf("backward: %v", got)
		}
	})
}

// Entry has columns whose names mean something in SQL.
type Entry struct {
	ID    int64
	Group string `gorm:"size:100;not null;index"`
	Order int64  `gorm:"not null"`
}

func TestColumnsThatAreWordsOfSQL(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		if err := db.With(t.Context()).AutoMigrate(&Entry{}); err != nil {
			t.Fatal(err)
		}
		entries := []Entry{{1, "needle", 9}, {2, "b", 8}, {3, "a needle", 7}, {4, "d", 6}, {5, "Needles", 5}}
		if err := db.With(t.Context()).Create(&entries).Error; err != nil {
			t.Fatal(err)
		}
		list := paging.List{
			Order: paging.Oldest("order"), Search: []string{"group"}, Prefix: []string{"group"}, Window: 3,
		}
		request := paging.Request{Search: "needle", Limit: 2, Key: key, Total: true}
		var found []int64
		for page := (paging.Page{Next: paging.First}); page.Next != ""; {
			request.Cursor = page.Next
			var err error
			if page, err = paging.Find(db.With(t.Context()), &entries, request, list); err != nil {
				t.Fatal(err)
			}
			if page.Total != 3 {
				t.Errorf("total %d", page.Total)
			}
			for _, entry := range entries {
				found = append(found, entry.ID)
			}
		}
		if !slices.Equal(found, []int64{5, 3, 1}) {
			t.Errorf("found %v", found)
		}
	})
}

func TestForgedCursorsAreRefused(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		store(t, db, 5)
		_, page := find(t.Context(), t, db, paging.Request{Limit: 2}, newest)
		other := []byte("another key")
		for name, test := range map[string]struct {
			cursor string
			list   paging.List
			key    []byte
		}{
			"text":           {"x", newest, key},
			"NUL":            {"\x00", newest, key},
			"a page":         {"2", newest, key},
			"without a key":  {base64.RawURLEncoding.EncodeToString([]byte(`0123456789abcdef[false,"2026-01-02T03:04:05Z",1]`)), newest, key},
			"cut":            {page.Next[:len(page.Next)-1], newest, key},
			"of another key": {page.Next, newest, other},
			"another column": {page.Next, paging.List{}, key},
			"another way":    {page.Next, paging.List{Order: paging.Oldest("created_at")}, key},
			"long":           {strings.Repeat("A", 100_000), newest, key},
		} {
			var notes []Note
			_, err := paging.Find(db.With(t.Context()), &notes, paging.Request{Cursor: test.cursor, Key: test.key}, test.list)
			var p *problem.Error
			if !errors.As(err, &p) || p.Status != 422 || len(p.Fields) != 1 || p.Fields[0].Pointer != "/cursor" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestMistakesOfPrograms(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		var notes []Note
		query := db.With(t.Context())
		for name, err := range map[string]error{
			"a column":  second(paging.Find(query, &notes, paging.Request{Key: key}, paging.List{Order: paging.Newest("nothing")})),
			"no slice":  second(paging.Find(query, &Note{}, paging.Request{Key: key}, newest)),
			"no key":    second(paging.Find(query, &notes, paging.Request{}, newest)),
			"a table":   second(paging.Find(query, &[]struct{ ID int64 }{}, paging.Request{Key: key}, paging.List{})),
			"no choice": second(paging.Choices(query, notes, []int64{1}, newest)),
		} {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if page, err := paging.Find(query.Where("user_id = 1 OR user_id = 2"), &notes, paging.Request{Key: key, Limit: 3}, newest); err != nil ||
			page.Next != "" || notes == nil {
			t.Errorf("%v %v %+v", notes, err, page)
		}
	})
}

func second[T any](_ T, err error) error { return err }

// The conditions of the caller and of the policies hold together, whatever OR is in them.
func TestPoliciesComeBeforeTheLimit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		store(t, db, 300, func(i int, note *Note) { note.Public = i%50 == 0 })
		own := func(_ context.Context, actor identity.Actor, note Note) bool { return actor.Is(note.UserID) }
		public := func(_ context.Context, _ identity.Actor, note Note) bool { return note.Public }
		inSQL, inGo := identity.NewPolicies(), identity.NewPolicies()
		identity.Allow(inSQL, "notes.*", own).Where(identity.Owns("user_id"))
		identity.Allow(inGo, "notes.*", own)
		identity.AllowAnyone(inSQL, "notes.read", public).Where(isPublic)
		identity.AllowAnyone(inGo, "notes.read", public)
		list := newest
		list.Action, list.Window = "notes.read", 300
		for name, policies := range map[string]*identity.Policies{"in SQL": inSQL, "in Go": inGo} {
			for user, readable := range map[string]func(id int64) bool{
				"3": func(id int64) bool { return (id-1)%5 == 2 || (id-1)%50 == 0 },
				"9": func(id int64) bool { return (id-1)%50 == 0 },
			} {
				ctx := as(t.Context(), policies, user)
				if got, _ := walk(ctx, t, db, paging.Request{Limit: 7}, list, false); !slices.Equal(got, down(300, 1, readable)) {
					t.Errorf("%s, user %s: %v", name, user, got)
				}
				got, _ := walk(ctx, t, db, paging.Request{Limit: 7, Search: "note 2"}, list, false)
				containing := func(id int64) bool { return id == 2 || id/10 == 2 || id/100 == 2 }
				if !slices.Equal(got, down(300, 1, readable, containing)) {
					t.Errorf("%s, user %s: a search finds %v", name, user, got)
				}
			}
			guest := identity.WithPolicies(t.Context(), policies)
			got, page := find(guest, t, db, paging.Request{Total: true}, list)
			if !slices.Equal(got, down(300, 1, func(id int64) bool { return (id-1)%50 == 0 })) || (page.Total == 6) != (name == "in SQL") {
				t.Errorf("%s: a visitor reads %v, total %d", name, got, page.Total)
			}
			var notes []Note
			request := paging.Request{Key: key, Limit: 100}
			if _, err := paging.Find(db.With(as(t.Context(), policies, "3")).Where("id = 3 OR id = 4"), &notes, request, list); err != nil ||
				!slices.Equal(ids(notes), []int64{3}) {
				t.Errorf("%s: %v %v", name, ids(notes), err)
			}
		}
	})
}

// A policy that allows next to nothing, without a condition: reading stops, reports that, and can continue.
func TestCheckingStops(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		store(t, db, paging.Checked+500)
		policies := identity.NewPolicies()
		identity.Allow(policies, "notes.read", func(_ context.Context, _ identity.Actor, note Note) bool { return note.ID == 10 })
		list := newest
		list.Action = "notes.read"
		ctx := as(t.Context(), policies, "1")
		found, page := find(ctx, t, db, paging.Request{}, list)
		if len(found) != 0 || page.Checked != paging.Checked || page.Next == "" {
			t.Fatalf("%v %+v", found, page)
		}
		found, page = find(ctx, t, db, paging.Request{Cursor: page.Next}, list)
		if !slices.Equal(found, []int64{10}) || page.Checked != 0 || page.Next != "" || page.Previous == "" {
			t.Errorf("%v %+v", found, page)
		}
	})
}

func TestChoices(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		store(t, db, paging.MaxChoices+100, func(i int, note *Note) {
			note.UserID = 1
			if i < 2 {
				note.UserID = 2 // the oldest of all
			}
		})
		own := func(_ context.Context, actor identity.Actor, note Note) bool { return actor.Is(note.UserID) }
		inSQL, inGo := identity.NewPolicies(), identity.NewPolicies()
		identity.Allow(inSQL, "notes.*", own).Where(identity.Owns("user_id"))
		identity.Allow(inGo, "notes.*", own)
		list := paging.List{Action: "notes.read", Order: paging.Newest("created_at")}
		for name, policies := range map[string]*identity.Policies{"in SQL": inSQL, "in Go": inGo} {
			for _, test := range []struct {
				user     string
				selected []int64
				n        int
				more     bool
			}{
				{"2", nil, 2, false},
				{"2", []int64{600, 2, 999}, 3, false},
				{"1", []int64{3, 600}, paging.MaxChoices + 1, true},
				{"9", nil, 0, false},
			} {
				var notes []Note
				more, err := paging.Choices(db.With(as(t.Context(), policies, test.user)), &notes, test.selected, list)
				if err != nil || len(notes) != test.n || more != test.more {
					t.Errorf("%s, user %s: %d of %d, more %v, %v", name, test.user, len(notes), test.n, more, err)
				}
			}
		}
	})
}
