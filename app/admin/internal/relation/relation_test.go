package relation_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
)

func newReader(t *testing.T, authors ...string) (*admintest.Kit, *relation.Reader) {
	t.Helper()
	k := admintest.New(t)
	for _, name := range authors {
		k.Create(&admintest.Author{Name: name, Email: name + "@example.com"})
	}
	return k, relation.New(k.Registry, k.Store)
}

// denyBob keeps the user from reading the author Bob.
func denyBob(k *admintest.Kit) {
	k.Denies = func(action string, record any) bool {
		author, ok := record.(*admintest.Author)
		return ok && action == "authors.read" && author.Name == "Bob"
	}
}

// Threat: reading records through a relation to them.
func TestChoices(t *testing.T) {
	t.Parallel()
	k, reader := newReader(t, "Ada", "Bob", "Adam")
	denyBob(k)
	for address, want := range map[string]string{
		"/?q=": "Ada Adam", "/?q=ada": "Ada Adam", "/?q=Bob": "", "/?q=2": "", "/?q=1": "Ada", "/?q=zzz": "",
	} {
		c, w := k.Get(address, "authors", "")
		if err := reader.Choices(c); err != nil {
			t.Fatal(err)
		}
		var list []struct{ Value, Label string }
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || list == nil {
			t.Fatalf("%s: %v", w.Body, err)
		}
		var labels []string
		for _, choice := range list {
			labels = append(labels, choice.Label)
		}
		if got := strings.Join(labels, " "); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	for address, status := range map[string]int{"/?q=" + strings.Repeat("x", query.MaxSearch+1): 400, "/?q=%FF": 400} {
		c, _ := k.Get(address, "authors", "")
		if err := reader.Choices(c); err == nil || problem.From(err).Status != status {
			t.Errorf("%s: %v", address, err)
		}
	}
	k.Forbidden = []string{"authors.read"}
	c, _ := k.Get("/?q=", "authors", "")
	if err := reader.Choices(c); err == nil || problem.From(err).Status != 403 {
		t.Errorf("without the permission: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	k, reader := newReader(t, "Ada", "Bob")
	field := k.Posts.Field("AuthorID")
	denyBob(k)
	options, complete, err := reader.Options(t.Context(), field)
	if err != nil || !complete {
		t.Fatal(complete, err)
	}
	if diff := cmp.Diff([]views.Option{{Value: "1", Label: "Ada"}}, options); diff != "" {
		t.Error(diff)
	}
	for i := range relation.MaxOptions {
		k.Create(&admintest.Author{Name: "Writer", Email: strconv.Itoa(i)})
	}
	if _, complete, err = reader.Options(t.Context(), field); err != nil || complete {
		t.Errorf("many records: complete %t, %v", complete, err)
	}
	k.Forbidden = []string{"authors.read"}
	if options, complete, err = reader.Options(t.Context(), field); err != nil || complete || options != nil {
		t.Errorf("without the permission: %v %t %v", options, complete, err)
	}
}

// Records that others own come before one's own, and more of them than a page holds.
func TestChoicesBehindUnreadableRecords(t *testing.T) {
	t.Parallel()
	k, reader := newReader(t)
	var others []admintest.Author
	for i := range 700 {
		others = append(others, admintest.Author{Name: "Another", Email: strconv.Itoa(i)})
	}
	if err := k.DB.With(t.Context()).CreateInBatches(others, 100).Error; err != nil {
		t.Fatal(err)
	}
	k.Create(&admintest.Author{Name: "Own", Email: "own@example.com"})
	own := func(record any) bool { return record.(*admintest.Author).Name == "Own" }
	k.Denies = func(action string, record any) bool { return action == "authors.read" && record != nil && !own(record) }
	check := func(name string) {
		t.Helper()
		options, complete, err := reader.Options(t.Context(), k.Posts.Field("AuthorID"))
		if err != nil || !complete || len(options) != 1 || options[0].Label != "Own" {
			t.Errorf("%s: %v, complete %t, %v", name, options, complete, err)
		}
	}
	check("by each record")
	k.Registry.SetFilter(func(context.Context, string, any) (clause.Expression, bool) {
		return clause.Eq{Column: "name", Value: "Own"}, true
	})
	check("by a condition")
	k.Denies = func(action string, record any) bool { return record != nil }
	k.Registry.SetFilter(nil)
	k.Create(&admintest.Author{Name: "Own", Email: "own2@example.com"})
	if options, _, err := reader.Options(t.Context(), k.Posts.Field("AuthorID")); err != nil || len(options) != 0 {
		t.Errorf("nothing may be read: %v %v", options, err)
	}
}

func TestChosenAndTitles(t *testing.T) {
	t.Parallel()
	k, reader := newReader(t, "Ada", "Bob")
	denyBob(k)
	field := k.Posts.Field("AuthorID")
	chosen, err := reader.Chosen(t.Context(), field, []string{"2", "1", "999", "x"})
	if err != nil {
		t.Fatal(err)
	}
	want := []views.Option{{Value: "2", Label: "#2", Chosen: true}, {Value: "1", Label: "Ada", Chosen: true}}
	if diff := cmp.Diff(want, chosen); diff != "" {
		t.Error(diff)
	}
	editor := int64(2)
	posts := []any{
		&admintest.Post{AuthorID: 1}, &admintest.Post{AuthorID: 2, EditorID: &editor},
		&admintest.Post{AuthorID: 999},
	}
	titles, err := reader.Titles(t.Context(), k.Posts.Fields, posts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"1": "Ada"}, titles[field]); diff != "" {
		t.Error(diff)
	}
	if len(titles[k.Posts.Field("EditorID")]) != 0 {
		t.Errorf("editors: %v", titles[k.Posts.Field("EditorID")])
	}
	k.Forbidden = []string{"authors.read"}
	if titles, err = reader.Titles(t.Context(), k.Posts.Fields, posts); err != nil || len(titles) != 0 {
		t.Errorf("without the permission: %v %v", titles, err)
	}
}

func TestReadable(t *testing.T) {
	t.Parallel()
	k, reader := newReader(t, "Ada", "Bob")
	denyBob(k)
	for keys, want := range map[string]bool{"": true, "1": true, "2": false, "1 2": false, "999": false, "x": false, "1 1": false} {
		got, err := reader.Readable(t.Context(), k.Posts.Field("AuthorID"), strings.Fields(keys))
		if err != nil || got != want {
			t.Errorf("%q: %t %v, want %t", keys, got, err, want)
		}
	}
}
