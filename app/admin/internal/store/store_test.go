package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/models"
)

func titles(records []any) string {
	var list []string
	for _, record := range records {
		list = append(list, record.(*admintest.Post).Title)
	}
	return strings.Join(list, " ")
}

// posts inserts posts that are published on different days, or not at all.
func posts(t *testing.T) *admintest.Kit {
	t.Helper()
	k := admintest.New(t)
	k.Create(&admintest.Author{Name: "Ada", Email: "ada@example.com"},
		&admintest.Author{Name: "Bob", Email: "bob@example.com"})
	day := func(n int) *time.Time {
		at := time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC)
		return &at
	}
	for _, post := range []*admintest.Post{
		{Title: "A", Status: "draft", AuthorID: 1, PublishedAt: day(2), Body: "100% wool_en"},
		{Title: "B", Status: "published", AuthorID: 2},
		{Title: "C", Status: "draft", AuthorID: 1, PublishedAt: day(1), Body: "1000 cotton"},
		{Title: "D", Status: "published", AuthorID: 1},
		{
			Title: "E", Status: "draft", AuthorID: 2, PublishedAt: day(2), Body: `It's "quoted"; DROP TABLE posts`,
			DeletedAt: gorm.DeletedAt{},
		},
	} {
		k.Create(post)
	}
	return k
}

// walk reads a list part by part, to its end and back.
func walk(t *testing.T, k *admintest.Kit, q store.Query) (forth, back string) {
	t.Helper()
	var pages []string
	for {
		page, err := k.Store.List(t.Context(), k.Posts, q)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, titles(page.Records))
		if page.Next == nil {
			q.After, q.Before = nil, page.Previous
			break
		}
		q.After = page.Next
	}
	forth = strings.Join(pages, "|")
	pages = nil
	for q.Before != nil {
		page, err := k.Store.List(t.Context(), k.Posts, q)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, titles(page.Records))
		q.Before = page.Previous
	}
	slices.Reverse(pages)
	return forth, strings.Join(pages, "|")
}

// Rows without a value come last in both orders, equal rows are ordered by their key, and no row is lost or twice.
func TestListPages(t *testing.T) {
	t.Parallel()
	k := posts(t)
	for _, c := range []struct{ field, order, forth, back string }{
		{"Title", "", "A B|C D|E", "A B|C D"},
		{"Title", "-", "E D|C B|A", "E D|C B"},
		{"ID", "-", "E D|C B|A", "E D|C B"},
		{"PublishedAt", "", "C A|E B|D", "C A|E B"},
		{"PublishedAt", "-", "E A|C D|B", "E A|C D"},
		{"Status", "", "A C|E B|D", "A C|E B"},
	} {
		forth, back := walk(t, k, store.Query{Sort: meta.Sort{Field: k.Posts.Field(c.field), Desc: c.order == "-"}, Limit: 2})
		if forth != c.forth || back != c.back {
			t.Errorf("by %s%s: %s and back %s, want %s and %s", c.order, c.field, forth, back, c.forth, c.back)
		}
	}
}

func TestListFiltersAndSearch(t *testing.T) {
	t.Parallel()
	k := posts(t)
	yes, no := true, false
	field := k.Posts.Field
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		query store.Query
		want  string
	}{
		"everything": {store.Query{}, "A B C D E"},
		"a value":    {store.Query{Filters: []store.Filter{{Field: field("Status"), Equal: "draft"}}}, "A C E"},
		"two filters": {store.Query{Filters: []store.Filter{
			{Field: field("Status"), Equal: "draft"},
			{Field: field("AuthorID"), Equal: int64(1)},
		}}, "A C"},
		"NULL":           {store.Query{Filters: []store.Filter{{Field: field("PublishedAt"), Null: &yes}}}, "B D"},
		"not NULL":       {store.Query{Filters: []store.Filter{{Field: field("PublishedAt"), Null: &no}}}, "A C E"},
		"from a day":     {store.Query{Filters: []store.Filter{{Field: field("PublishedAt"), From: day(2)}}}, "A E"},
		"until a day":    {store.Query{Filters: []store.Filter{{Field: field("PublishedAt"), Until: day(2)}}}, "C"},
		"a word":         {store.Query{Search: "WOOL"}, "A"},
		"every word":     {store.Query{Search: "drop it's"}, "E"},
		"a percent sign": {store.Query{Search: "100%"}, "A"},
		"an underscore":  {store.Query{Search: "l_e"}, "A"},
		"a quote":        {store.Query{Search: `' OR 1=1 --`}, ""},
		"both": {
			store.Query{Search: "1000", Filters: []store.Filter{{Field: field("AuthorID"), Equal: int64(2)}}},
			"",
		},
		"deleted": {store.Query{Deleted: true}, ""},
	} {
		c.query.Sort, c.query.Limit = meta.Sort{Field: k.Posts.Key}, 50
		page, err := k.Store.List(t.Context(), k.Posts, c.query)
		if err != nil || titles(page.Records) != c.want || page.Count != len(page.Records) {
			t.Errorf("%s: %q of %d, %v, want %q", name, titles(page.Records), page.Count, err, c.want)
		}
	}
}

// Threat: a secret is read into memory that a page, an error or a log might show.
func TestSecretsAreNotRead(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	post := k.Post("One")
	k.DB.With(t.Context()).Model(post).Updates(map[string]any{"secret": "s3cret", "cover": []byte("bytes")})
	record, err := k.Store.Get(t.Context(), k.Posts, post.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := record.(*admintest.Post); got.Secret != "" || string(got.Cover) != "bytes" || got.Title != "One" {
		t.Errorf("%+v", got)
	}
	several, err := k.Store.Several(t.Context(), k.Posts, []any{post.ID}, true, true)
	if err != nil || several[0].(*admintest.Post).Secret != "s3cret" {
		t.Errorf("for actions of the application: %v", err)
	}
	page, err := k.Store.List(t.Context(), k.Posts, store.Query{Sort: k.Posts.Sort, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := page.Records[0].(*admintest.Post); got.Secret != "" || got.Cover != nil {
		t.Errorf("in a list: %+v", got)
	}
}

func TestSeveral(t *testing.T) {
	t.Parallel()
	k := posts(t)
	got, err := k.Store.Several(t.Context(), k.Posts, []any{int64(3), int64(1), int64(3), int64(999)}, false, false)
	if err != nil || titles(got) != "C A" {
		t.Errorf("%q %v", titles(got), err)
	}
	if got, err = k.Store.Several(t.Context(), k.Posts, nil, false, false); err != nil || got != nil {
		t.Errorf("%v %v", got, err)
	}
	if _, err := k.Store.Get(t.Context(), k.Posts, int64(999)); !errors.Is(err, gorm.ErrRecordNotFound) {
		t.Errorf("error = %v", err)
	}
}

func TestWrites(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	ctx := t.Context()
	post := k.Post("One")
	updated := post.UpdatedAt
	post.Title, post.Body = "Two", "not named"
	if err := k.Store.Update(ctx, k.Posts, post, []*meta.Field{k.Posts.Field("Title")}); err != nil {
		t.Fatal(err)
	}
	got, _ := admintest.Reload[admintest.Post](k, post.ID)
	if got.Title != "Two" || got.Body != "" || got.UpdatedAt.Before(updated) {
		t.Errorf("%+v", got)
	}
	if err := k.Store.Update(ctx, k.Posts, post, nil); err != nil {
		t.Error(err)
	}
	for _, step := range []struct {
		do            func() error
		there, marked bool
		count         int
	}{
		{func() error { return k.Store.Delete(ctx, k.Posts, post, false) }, true, true, 0},
		{func() error { return k.Store.Restore(ctx, k.Posts, post) }, true, false, 1},
		{func() error { return k.Store.Delete(ctx, k.Posts, post, true) }, false, false, 0},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		got, there := admintest.Reload[admintest.Post](k, post.ID)
		if there != step.there || got.DeletedAt.Valid != step.marked {
			t.Errorf("there %t, marked %t", there, got.DeletedAt.Valid)
		}
		if n, err := k.Store.Count(ctx, k.Posts); err != nil || n != step.count {
			t.Errorf("%d posts, %v", n, err)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	ctx := t.Context()
	post := k.Post("One")
	k.Create(&admintest.Tag{Name: "a"}, &admintest.Tag{Name: "b"}, &admintest.Tag{Name: "c"})
	tags := k.Posts.Field("Tags")
	for _, want := range [][]string{{"1", "3"}, {"2", "3"}, {}, {"1", "2", "3"}} {
		before, err := k.Store.Links(ctx, k.Posts, tags, post)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Store.SetLinks(ctx, k.Posts, tags, post, before, want); err != nil {
			t.Fatal(err)
		}
		after, err := k.Store.Links(ctx, k.Posts, tags, post)
		if err != nil || strings.Join(after, " ") != strings.Join(want, " ") {
			t.Errorf("%q %v, want %q", after, err, want)
		}
	}
	if err := k.Store.SetLinks(ctx, k.Posts, tags, post, nil, []string{"x"}); !errors.Is(err, gorm.ErrRecordNotFound) {
		t.Errorf("no key: %v", err)
	}
}

func TestReferring(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	post, other := k.Post("One"), k.Post("Other")
	for i := range 5 {
		k.Create(&admintest.Comment{PostID: post.ID, Text: fmt.Sprint(i)})
	}
	k.Create(&admintest.Comment{PostID: other.ID, Text: "other"})
	for _, c := range []struct{ sample, limit, records, n int }{{2, 10, 2, 5}, {0, 10, 0, 5}, {2, 3, 2, 4}} {
		records, n, err := k.Store.Referring(t.Context(), k.Posts.HasMany[0], []any{post.ID}, c.sample, c.limit)
		if err != nil || len(records) != c.records || n != c.n {
			t.Errorf("%+v: %d of %d, %v", c, len(records), n, err)
		}
	}
	if _, n, err := k.Store.Referring(t.Context(), k.Posts.HasMany[0], []any{post.ID, other.ID}, 0, 10); err != nil ||
		n != 6 {
		t.Errorf("of two: %d %v", n, err)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	k := posts(t)
	for text, want := range map[string]string{"": "A B", "4": "D", "cotton": "C", "zzz": ""} {
		choice := store.Choice{Search: text, Limit: 2, Allowed: func(any) bool { return true }}
		got, more, err := k.Store.Choices(t.Context(), k.Posts, choice)
		if err != nil || titles(got) != want || more != (text == "") {
			t.Errorf("%q: %q, more %t, %v", text, titles(got), more, err)
		}
	}
}

// An export reads every record once, in the order of the list.
func TestEach(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	author := &admintest.Author{Name: "Ada"}
	k.Create(author)
	list := make([]admintest.Post, 1201)
	for i := range list {
		list[i] = admintest.Post{Title: fmt.Sprintf("%04d", i), Status: "draft", AuthorID: author.ID}
	}
	if err := k.DB.With(t.Context()).CreateInBatches(list, 200).Error; err != nil {
		t.Fatal(err)
	}
	var seen []string
	parts := 0
	err := k.Store.Each(t.Context(), k.Posts, store.Query{Sort: meta.Sort{Field: k.Posts.Field("Title")}}, func(records []any) error {
		parts++
		seen = append(seen, strings.Fields(titles(records))...)
		return nil
	})
	if err != nil || len(seen) != len(list) || !slices.IsSorted(seen) || len(slices.Compact(seen)) != len(list) ||
		parts != 3 {
		t.Errorf("%d records in %d parts, %v", len(seen), parts, err)
	}
	stop := errors.New("stop")
	if err := k.Store.Each(t.Context(), k.Posts, store.Query{Sort: k.Posts.Sort}, func([]any) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error = %v", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	changes := `{"changes":[{"field":"Title","before":"One","after":"Two"}]}`
	for i, e := range []models.AuditEntry{
		{Action: "posts.update", Subject: "posts:1", Detail: changes},
		{Action: "posts.import", Subject: "posts:1", Detail: `{"source":"x"}`},
		{Action: "posts_x.update", Subject: "posts:1", Detail: changes},
		{Action: "postsXupdate", Subject: "posts:1", Detail: changes},
		{Action: "posts.update", Subject: "posts:2", Detail: "not JSON"},
	} {
		e.ID = fmt.Sprint(i)
		k.Create(&e)
	}
	actions := func(entries []store.Entry) string {
		var list []string
		for _, e := range entries {
			list = append(list, e.Action)
		}
		return strings.Join(list, " ")
	}
	for _, c := range []struct {
		subject, permission string
		limit               int
		want                string
	}{
		{"", "", 2, "posts.update postsXupdate"},
		{"posts:1", "", 10, "postsXupdate posts_x.update posts.import posts.update"},
		{"posts:1", "posts", 10, "posts.update"},
		{"posts:1", "posts_x", 10, "posts_x.update"},
		{"posts:9", "", 10, ""},
	} {
		entries, err := k.Store.History(t.Context(), c.subject, c.permission, c.limit)
		if err != nil || actions(entries) != c.want {
			t.Errorf("%+v: %q %v", c, actions(entries), err)
		}
	}
	entries, err := k.Store.History(t.Context(), "posts:1", "posts", 1)
	if err != nil || len(entries[0].Changes) != 1 {
		t.Fatal(entries, err)
	}
	if diff := cmp.Diff(audit.Change{Field: "Title", Before: "One", After: "Two"}, entries[0].Changes[0]); diff != "" {
		t.Error(diff)
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, texts := range [][]string{nil, {}, {""}, {"a"}, {"a", ""}, {"", "a"}, {"a,"}, {"a", "b"}, {"ab"}, {"a\",\"b"}} {
		fingerprint := store.Fingerprint(texts)
		if other, ok := seen[fingerprint]; ok {
			t.Errorf("%q and %s have one fingerprint", texts, other)
		}
		seen[fingerprint] = fmt.Sprintf("%q", texts)
	}
}
