package meta_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/models"
)

func compile(t testing.TB, model any, changes ...func(*meta.Spec)) *meta.Resource {
	t.Helper()
	r, faults := admintest.Compile(t, admintest.Spec(model, changes...))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return r
}

func names(fields []*meta.Field) string {
	var list []string
	for _, f := range fields {
		list = append(list, f.Name)
	}
	return strings.Join(list, " ")
}

// What a resource does not say follows from its model.
func TestDefaults(t *testing.T) {
	t.Parallel()
	r := compile(t, new(admintest.Post))
	for what, c := range map[string][2]string{
		"name":       {r.Name + " " + r.Permission, "posts posts"},
		"labels":     {r.Label + " " + r.Plural, "Post Posts"},
		"columns":    {names(r.Columns), "Title Status Contact Featured Pinned CreatedAt"},
		"search":     {names(r.Searchable), "Title Body Homepage Contact"},
		"order":      {r.Sort.Field.Name + map[bool]string{true: " descending"}[r.Sort.Desc], "ID descending"},
		"title":      {r.TitleField.Name, "Title"},
		"filters":    {names(r.Filterable), "Status Featured Pinned AuthorID EditorID CreatedAt"},
		"form":       {names(r.Sections[0].Fields), "Title Body Status Homepage Contact Tint Shade Featured Pinned Rating Words Size Price Day Code Meta Cover Photo AuthorID EditorID PublishedAt CreatedAt UpdatedAt Tags"},
		"soft":       {r.DeletedAt.Name, "DeletedAt"},
		"dependants": {r.HasMany[0].Label + " " + r.HasMany[0].Cascade, "Comments CASCADE"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %q, want %q", what, c[0], c[1])
		}
	}
	if columns := strings.Join(r.Stored(true), " "); strings.Contains(columns, "secret") ||
		!strings.Contains(columns, "cover") {
		t.Errorf("columns that are read: %s", columns)
	}
	if columns := strings.Join(r.Stored(false), " "); strings.Contains(columns, "cover") {
		t.Errorf("columns of lists: %s", columns)
	}
	if r.Column("secret") != nil || r.Column("nothing") != nil || r.Column("title") == nil {
		t.Error("addresses may name other columns than they should")
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	r := compile(t, new(admintest.Post))
	for name, want := range map[string]struct {
		kind     meta.Kind
		optional bool
		readOnly bool
		secret   bool
		length   int
	}{
		"ID": {kind: meta.Int, readOnly: true}, "Title": {kind: meta.Text, length: 200}, "Body": {kind: meta.LongText},
		"Status":   {kind: meta.Enum, length: 20},
		"Homepage": {kind: meta.URL, length: 200}, "Contact": {kind: meta.Email, length: 254},
		"Tint": {kind: meta.Color, length: 7}, "Shade": {kind: meta.Color, optional: true, length: 7}, "Featured": {kind: meta.Bool},
		"Pinned": {kind: meta.Bool, optional: true}, "Rating": {kind: meta.Float, optional: true}, "Words": {kind: meta.Int},
		"Size":  {kind: meta.Uint},
		"Price": {kind: meta.Decimal, optional: true}, "Day": {kind: meta.Date, optional: true},
		"Code": {kind: meta.UUID, optional: true},
		"Meta": {kind: meta.JSON, optional: true}, "Cover": {kind: meta.Bytes, optional: true, readOnly: true},
		"Secret":   {kind: meta.Text, secret: true},
		"AuthorID": {kind: meta.Belongs}, "EditorID": {kind: meta.Belongs, optional: true},
		"Tags":        {kind: meta.Many, optional: true},
		"PublishedAt": {kind: meta.Time, optional: true}, "CreatedAt": {kind: meta.Time, readOnly: true},
		"DeletedAt": {kind: meta.Time, optional: true, readOnly: true},
	} {
		f := r.Field(name)
		if f.Kind != want.kind || f.Optional != want.optional || f.ReadOnly != want.readOnly || f.Secret != want.secret {
			t.Errorf("%s: kind %d, optional %t, read-only %t, secret %t", name, f.Kind, f.Optional, f.ReadOnly, f.Secret)
		}
		if want.length > 0 && f.MaxLength != want.length {
			t.Errorf("%s: at most %d characters", name, f.MaxLength)
		}
	}
}

// Parse, Assign, Value and Text agree, and what is typed wrong is explained.
func TestParse(t *testing.T) {
	t.Parallel()
	r := compile(t, new(admintest.Post))
	const failed = "!"
	for _, c := range []struct{ field, typed, want string }{
		{"Title", "One", "One"},
		{"Title", strings.Repeat("ä", 200), strings.Repeat("ä", 200)},
		{"Title", strings.Repeat("ä", 201), failed},
		{"Title", "", ""},
		{"Words", " 12 ", "12"},
		{"Words", "-2147483648", "-2147483648"},
		{"Words", "2147483648", failed},
		{"Words", "1.5", failed},
		{"Words", "", failed},
		{"Size", "7", "7"},
		{"Size", "-1", failed},
		{"Size", "18446744073709551616", failed},
		{"Rating", "4.5", "4.5"},
		{"Rating", "1e3", "1000"},
		{"Rating", "", ""},
		{"Rating", "NaN", failed},
		{"Rating", "Inf", failed},
		{"Rating", "four", failed},
		{"Price", "19.90", "19.90"},
		{"Price", "-0.05", "-0.05"},
		{"Price", "99999999.99", "99999999.99"},
		{"Price", "100000000", failed},
		{"Price", "1e2", "100.00"},
		{"Price", "x", failed},
		{"Day", "2026-03-31", "2026-03-31"},
		{"Day", "2026-02-30", failed},
		{"Day", "0999-01-01", failed},
		{"Day", "31.3.2026", failed},
		{"Day", "", ""},
		{"PublishedAt", "2026-03-31T18:30", "2026-03-31T18:30"},
		{"PublishedAt", "2026-03-31T18:30:05", "2026-03-31T18:30:05"},
		{"PublishedAt", "2026-03-31 18:30:05", "2026-03-31T18:30:05"},
		{"PublishedAt", "2026-03-31T20:30:00+02:00", "2026-03-31T18:30"},
		{"PublishedAt", "0999-03-31T18:30", failed},
		{"PublishedAt", "soon", failed},
		{"PublishedAt", " ", ""},
		{"Code", "123E4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-426614174000"},
		{"Code", "123", failed},
		{"Code", "{123e4567-e89b-42d3-a456-426614174000}", failed},
		{"Pinned", "true", "true"},
		{"Pinned", "", ""},
		{"Pinned", "perhaps", failed},
		{"Featured", "false", "false"},
		{"Meta", `{"a": [1, null]}`, `{"a":[1,null]}`},
		{"Meta", "", ""},
		{"Meta", `{"a"`, failed},
		{"Meta", `[1]`, failed},
		{"AuthorID", "7", "7"},
		{"AuthorID", "x", failed},
		{"AuthorID", "", failed},
		{"EditorID", "", ""},
	} {
		f, record := r.Field(c.field), r.New()
		value, err := f.Parse(c.typed)
		if err == nil {
			err = f.Assign(t.Context(), record, value)
		}
		switch {
		case c.want == failed && err == nil:
			t.Errorf("%s: %q is accepted as %v", c.field, c.typed, value)
		case c.want == failed && !strings.HasSuffix(meta.Message(t.Context(), err), "."):
			t.Errorf("%s: %q is explained by %q", c.field, c.typed, meta.Message(t.Context(), err))
		case c.want != failed && err != nil:
			t.Errorf("%s: %q: %v", c.field, c.typed, err)
		case c.want != failed && f.Text(f.Value(t.Context(), record)) != c.want:
			t.Errorf("%s: %q is stored as %q", c.field, c.typed, f.Text(f.Value(t.Context(), record)))
		}
	}
}

// FuzzParse holds that what a control sent is either refused, or comes back as it was understood.
func FuzzParse(f *testing.F) {
	r := compile(f, new(admintest.Post))
	fields := append([]*meta.Field(nil), r.Sections[0].Fields...)
	for i, text := range []string{"One", "1.5", "2026-03-31", "true", `{"a":1}`, "-0.00", "123e4567-e89b-42d3-a456-426614174000"} {
		f.Add(i, text)
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		field := fields[((i%len(fields))+len(fields))%len(fields)]
		if !field.Stored() || field.Kind == meta.Bytes {
			return
		}
		value, err := field.Parse(meta.Clean(text))
		if err != nil {
			return
		}
		record := r.New()
		if field.Assign(t.Context(), record, value) != nil {
			return
		}
		first := field.Text(field.Value(t.Context(), record))
		again, err := field.Parse(first)
		if err != nil {
			t.Fatalf("%s: %q is stored as %q, which is refused: %v", field.Name, text, first, err)
		}
		if err := field.Assign(t.Context(), record, again); err != nil {
			t.Fatalf("%s: %q: %v", field.Name, first, err)
		}
		if second := field.Text(field.Value(t.Context(), record)); second != first {
			t.Errorf("%s: %q becomes %q", field.Name, first, second)
		}
	})
}

func TestShown(t *testing.T) {
	t.Parallel()
	r := compile(t, new(admintest.Post))
	yes, price, day, code := true, decimal.RequireFromString("1.50"), models.NewDate(2026, 3, 31),
		uuid.MustParse("123e4567-e89b-42d3-a456-426614174000")
	at := time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)
	post := &admintest.Post{
		ID: 7, Title: "a\r\nb\xff", Featured: true, Pinned: &yes, Price: &price, Day: &day, Code: &code, PublishedAt: &at,
		Cover: make([]byte, 12),
		Meta:  map[string]any{"a": 1}, DeletedAt: gorm.DeletedAt{Time: at, Valid: true},
	}
	for name, want := range map[string]string{
		"ID": "7", "Title": "a\nb\uFFFD", "Featured": "Yes", "Pinned": "Yes", "Price": "1.50", "Day": "31 March 2026",
		"Code": code.String(), "Cover": "12 bytes",
		"PublishedAt": "31 March 2026, 18:30", "CreatedAt": "", "Meta": `{"a":1}`, "Rating": "", "EditorID": "",
		"DeletedAt": "31 March 2026, 18:30",
	} {
		f := r.Field(name)
		if got := f.Shown(t.Context(), f.Value(t.Context(), post)); got != want {
			t.Errorf("%s is shown as %q, want %q", name, got, want)
		}
	}
}

type named struct {
	ID   int64
	Code string `gorm:"size:20"`
	Data json.RawMessage
}

func (n named) String() string { return n.Code }

func TestTitles(t *testing.T) {
	t.Parallel()
	posts, plain := compile(t, new(admintest.Post)), compile(t, new(named))
	described := compile(t, new(named), func(s *meta.Spec) { s.Describe = func(any) string { return "described" } })
	for _, c := range []struct {
		r      *meta.Resource
		record any
		want   string
	}{
		{posts, &admintest.Post{ID: 7, Title: "One"}, "One"},
		{posts, &admintest.Post{ID: 7}, "Post 7"},
		{plain, &named{ID: 1, Code: "x\r\ny"}, "x\ny"},
		{plain, &named{ID: 1}, "Named 1"},
		{described, &named{Code: "x"}, "described"},
	} {
		if got := c.r.TitleOf(t.Context(), c.record); got != c.want {
			t.Errorf("%+v is called %q, want %q", c.record, got, c.want)
		}
	}
}

type page struct {
	Slug string `gorm:"primaryKey;size:100"`
}

type thing struct {
	ID uuid.UUID `gorm:"primaryKey;type:char(36)"`
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	posts, pages, things := compile(t, new(admintest.Post)), compile(t, new(page)), compile(t, new(thing))
	for _, c := range []struct {
		r    *meta.Resource
		text string
		ok   bool
	}{
		{posts, "7", true},
		{posts, "", false},
		{posts, "x", false},
		{posts, "9223372036854775808", false},
		{posts, "1\x00", false},
		{pages, "about us", true},
		{pages, strings.Repeat("x", 256), false},
		{pages, "a\x00", false},
		{things, "123e4567-e89b-42d3-a456-426614174000", true},
		{things, "123", false},
	} {
		if key, ok := c.r.ParseKey(c.text); ok != c.ok {
			t.Errorf("%s: %q is read as %v, %t", c.r.Name, c.text, key, ok)
		}
	}
}

func TestVerbs(t *testing.T) {
	t.Parallel()
	posts := compile(t, new(admintest.Post), func(s *meta.Spec) { s.Forbid = []string{meta.Update}; s.Permission = "articles" })
	authors := compile(t, new(admintest.Author), func(s *meta.Spec) { s.Forbid = []string{meta.Delete} })
	for _, c := range []struct {
		r      *meta.Resource
		verb   string
		allows bool
		action string
	}{
		{posts, meta.Read, true, "articles.read"},
		{posts, meta.Update, false, "articles.update"},
		{posts, meta.Restore, false, "articles.update"},
		{posts, meta.Destroy, true, "articles.delete"},
		{authors, meta.Delete, false, "authors.delete"},
		{authors, meta.Destroy, false, "authors.delete"},
		{authors, meta.Restore, false, "authors.update"},
		{authors, meta.Export, true, "authors.export"},
	} {
		if c.r.Allows(c.verb) != c.allows || c.r.Action(c.verb) != c.action {
			t.Errorf("%s of %s: %t, %s", c.verb, c.r.Name, c.r.Allows(c.verb), c.r.Action(c.verb))
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	posts, authors := compile(t, new(admintest.Post)), compile(t, new(admintest.Author))
	comments := compile(t, new(admintest.Comment), func(s *meta.Spec) { s.Refers = map[string]string{"PostID": "posts"} })
	all := []*meta.Resource{posts, authors, comments}
	for _, r := range all {
		r.Link(all)
	}
	if posts.Field("AuthorID").Related != authors || posts.Field("EditorID").Related != authors ||
		posts.Field("Tags").Related != nil {
		t.Error("relations of posts lead elsewhere")
	}
	if f := comments.Field("PostID"); f.Kind != meta.Belongs || f.Related != posts || f.Label != "Post" {
		t.Errorf("a key without a relation: %d %s", f.Kind, f.Label)
	}
	if authors.HasMany[0].Related != posts || posts.HasMany[0].Related != comments {
		t.Error("dependants are elsewhere")
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	why := func(context.Context, any) string { return "locked" }
	r := compile(t, new(admintest.Post), func(s *meta.Spec) {
		s.Name, s.Label, s.Plural, s.Order = "articles", "Article", "Articles", []string{"-Words"}
		s.List, s.Search, s.Filters = []string{"Title", "Words"}, []string{"Title"}, []string{"Status"}
		s.ReadOnly, s.Hidden, s.Guards = []string{"Words"}, []string{"Contact"}, map[string]string{"Status": "posts.publish"}
		s.Labels, s.Hints = map[string]string{"Words": "Length"}, map[string]string{"Words": "In words."}
		s.Locked = map[string]func(context.Context, any) string{"Title": why}
		s.Suggestions = map[string]func(context.Context) []meta.Suggestion{"Title": func(context.Context) []meta.Suggestion { return []meta.Suggestion{{Value: "x"}} }}
		s.Fieldsets = []meta.Fieldset{
			{Title: "First", Fields: []string{"Title", "Words"}},
			{Title: "Second", Fields: []string{"Tags"}},
		}
		s.Actions = []meta.Action{{Name: "publish", Run: func(context.Context, []any) (string, error) { return "", nil }}}
	})
	words := r.Field("Words")
	got := []string{
		r.Name, r.Label, r.Plural, names(r.Columns), names(r.Searchable), names(r.Filterable), r.Sort.Field.Name,
		words.Label, words.Hint,
		r.Field("Status").Guard, r.Field("Title").Locked(t.Context(), nil), r.Field("Title").Suggestions(t.Context())[0].Value,
		r.Sections[0].Title + ": " + names(r.Sections[0].Fields), r.Sections[1].Title + ": " + names(r.Sections[1].Fields),
	}
	want := []string{
		"articles", "Article", "Articles", "Title Words", "Title", "Status", "Words", "Length", "In words.", "posts.publish",
		"locked", "x",
		"First: Title Words", "Second: Tags",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !words.ReadOnly || r.Field("Contact").Visible() || r.Column("contact") != nil || !r.Sort.Desc {
		t.Error("flags")
	}
	if _, ok := r.Custom("publish"); !ok {
		t.Error("the action is not there")
	}
	if _, ok := r.Custom("delete"); ok {
		t.Error("a verb is an action")
	}
}

// Every fault is reported, with the name that was perhaps meant. The black-box test of the admin has the whole list.
func TestFaults(t *testing.T) {
	t.Parallel()
	_, faults := admintest.Compile(t, admintest.Spec(new(admintest.Post), func(s *meta.Spec) {
		s.Name, s.List, s.Search = "assets", []string{"Titel", "Secret"}, []string{"Words"}
		s.Order, s.Fieldsets = []string{"Meta"}, []meta.Fieldset{{Fields: []string{"Title"}}, {Fields: []string{"Title"}}}
	}))
	all := strings.Join(faults, "\n")
	for _, want := range []string{
		`Name: "assets" cannot`, `List: "Titel" is no field of Post; did you mean "Title"?`, `List: "Secret" is a secret`,
		`Search: "Words" holds no text`,
		`Order: "Meta" cannot be ordered by`, `Fieldsets: "Title" is in two of them`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not among\n%s", want, all)
		}
	}
}
