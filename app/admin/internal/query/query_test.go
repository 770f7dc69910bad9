package query_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/problem"
)

func posts(t *testing.T, changes ...func(*meta.Spec)) *meta.Resource {
	t.Helper()
	r, faults := admintest.Compile(t, admintest.Spec(new(admintest.Post), changes...))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return r
}

func values(t *testing.T, text string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// filter is a filter as tests compare it.
type filter struct {
	Column, Null string
	Equal        any
	From, Until  string
}

func filtersOf(q store.Query) []filter {
	var list []filter
	for _, f := range q.Filters {
		shown := filter{Column: f.Field.Column, Equal: f.Equal}
		if f.Null != nil {
			shown.Null = map[bool]string{true: "null", false: "set"}[*f.Null]
		}
		if !f.From.IsZero() {
			shown.From = f.From.Format(time.DateOnly)
		}
		if !f.Until.IsZero() {
			shown.Until = f.Until.Format(time.DateOnly)
		}
		list = append(list, shown)
	}
	return list
}

func TestParseFilters(t *testing.T) {
	t.Parallel()
	r := posts(t)
	for address, want := range map[string][]filter{
		"":                      nil,
		"filter.status=":        nil,
		"filter.status=draft":   {{Column: "status", Equal: "draft"}},
		"filter.featured=true":  {{Column: "featured", Equal: true}},
		"filter.author_id=7":    {{Column: "author_id", Equal: int64(7)}},
		"filter.editor_id=null": {{Column: "editor_id", Null: "null"}},
		"filter.pinned=set":     {{Column: "pinned", Null: "set"}},
		"filter.rating=null":    {{Column: "rating", Null: "null"}},
		"filter.day.from=2026-03-01&filter.day.to=2026-03-31": {{
			Column: "day", From: "2026-03-01",
			Until: "2026-04-01",
		}},
		"filter.created_at.to=2026-12-31": {{Column: "created_at", Until: "2027-01-01"}},
		"filter.status=draft&filter.author_id=7&filter.pinned=set": {
			{Column: "author_id", Equal: int64(7)},
			{Column: "pinned", Null: "set"},
			{Column: "status", Equal: "draft"},
		},
	} {
		q, err := query.Parse(t.Context(), r, values(t, address), 50, query.NewSigner(admintest.Key))
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		if diff := cmp.Diff(want, filtersOf(q)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", address, diff)
		}
	}
}

// Threats: SQL in the name of a column; a secret column as a filter or an order.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	r := posts(t, func(s *meta.Spec) { s.Hidden = []string{"Contact"} })
	for _, address := range []string{
		"filter.secret=x", "filter.secret=null", "filter.contact=x", "filter.nothing=x", "filter.title=x", "filter.tags=1",
		"filter.status%20OR%201=draft", "filter.status=other2%00", "filter.status.from=2026-01-01",
		"filter.created_at.from=yesterday",
		"filter.created_at.until=2026-01-01", "filter.created_at=2026-01-01", "filter.featured=perhaps", "filter.author_id=x",
		"sort=secret", "sort=-secret", "sort=contact", "sort=tags", "sort=meta", "sort=nothing", "sort=title%20DESC",
		"sort=--title",
		"q=" + strings.Repeat("x", query.MaxSearch+1), "q=%FF", "q=a%00b", "deleted=%00",
		"after=x", "after=x.y", "before=.",
	} {
		_, err := query.Parse(t.Context(), r, values(t, address), 50, query.NewSigner(admintest.Key))
		var p *problem.Error
		if !errors.As(err, &p) || p.Status != http.StatusBadRequest {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestParseSearchSortAndSize(t *testing.T) {
	t.Parallel()
	r := posts(t)
	signer := query.NewSigner(admintest.Key)
	q, err := query.Parse(t.Context(), r, values(t, "q=%20two%20words%20&sort=-title&deleted=1&unknown=x"), 50, signer)
	if err != nil {
		t.Fatal(err)
	}
	if q.Search != "two words" || q.Sort.Field.Column != "title" || !q.Sort.Desc || !q.Deleted || q.Limit != 50 {
		t.Errorf("%+v", q)
	}
	if q, err = query.Parse(t.Context(), r, url.Values{}, 50, signer); err != nil || q.Sort != r.Sort || q.Deleted || q.Search != "" {
		t.Errorf("%+v %v", q, err)
	}
	if q, err = query.Parse(t.Context(), r, values(t, "sort=id"), 50, signer); err != nil || q.Sort.Field != r.Key || q.Sort.Desc {
		t.Errorf("by the key: %+v %v", q.Sort, err)
	}
	own := posts(t, func(s *meta.Spec) { s.PerPage = 7 })
	if q, err = query.Parse(t.Context(), own, url.Values{}, 50, signer); err != nil || q.Limit != 7 {
		t.Errorf("limit %d %v", q.Limit, err)
	}
	comments, _ := admintest.Compile(t, admintest.Spec(new(admintest.Comment)))
	if q, err = query.Parse(t.Context(), comments, values(t, "deleted=1"), 50, signer); err != nil || q.Deleted {
		t.Errorf("deleted records of a model without a soft delete: %t %v", q.Deleted, err)
	}
}

func TestPositionsKeepTheirTypes(t *testing.T) {
	t.Parallel()
	r := posts(t)
	signer := query.NewSigner(admintest.Key)
	for _, want := range []store.Position{
		{Value: "text, \x00 and ünïcode", Key: int64(-9007199254740993)},
		{Value: nil, Key: "slug"},
		{Value: uint64(1 << 63), Key: uint64(0)},
		{Value: 0.1, Key: int64(1)},
		{Value: true, Key: false},
		{Value: []byte{0, 255}, Key: ""},
		{Value: time.Date(2026, 3, 31, 18, 30, 0, 123456000, time.UTC), Key: int64(1)},
	} {
		got, ok := signer.Read(r, r.Key, signer.Write(r, r.Key, &want))
		if !ok {
			t.Errorf("%v is not read", want)
			continue
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// Threat: a position with values that no row has, or of another column, list or application.
func TestForgedPositionsAreRefused(t *testing.T) {
	t.Parallel()
	r := posts(t)
	authors, _ := admintest.Compile(t, admintest.Spec(new(admintest.Author)))
	signer := query.NewSigner(admintest.Key)
	valid := signer.Write(r, r.Key, &store.Position{Value: int64(7), Key: int64(7)})
	payload, signature, _ := strings.Cut(valid, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`[{"t":"i","v":"8"},{"t":"i","v":"8"}]`))
	for name, c := range map[string]struct {
		signer query.Signer
		r      *meta.Resource
		f      *meta.Field
		text   string
	}{
		"another value":   {signer, r, r.Key, forged + "." + signature},
		"no signature":    {signer, r, r.Key, payload},
		"half of one":     {signer, r, r.Key, payload + "." + signature[:10]},
		"no payload":      {signer, r, r.Key, "." + signature},
		"another column":  {signer, r, r.Column("title"), valid},
		"another list":    {signer, authors, authors.Key, valid},
		"another key":     {query.NewSigner([]byte("another")), r, r.Key, valid},
		"nothing":         {signer, r, r.Key, ""},
		"not even base64": {signer, r, r.Key, "!!." + signature},
	} {
		if got, ok := c.signer.Read(c.r, c.f, c.text); ok {
			t.Errorf("%s is read as %v", name, got)
		}
	}
	q, err := query.Parse(t.Context(), r, url.Values{"after": {valid}, "sort": {"-id"}}, 50, signer)
	if err != nil || q.After == nil || q.After.Key != int64(7) || q.Before != nil {
		t.Errorf("%+v %v", q.After, err)
	}
	for _, address := range []url.Values{
		{"after": {valid}, "sort": {"title"}},
		{"after": {valid}, "before": {valid}, "sort": {"id"}},
		{"after": {forged + "." + signature}, "sort": {"id"}},
	} {
		if _, err := query.Parse(t.Context(), r, address, 50, signer); err == nil {
			t.Errorf("%v is accepted", address)
		}
	}
}

func FuzzPosition(f *testing.F) {
	r, _ := admintest.Compile(f, admintest.Spec(new(admintest.Post)))
	signer := query.NewSigner(admintest.Key)
	f.Add(signer.Write(r, r.Key, &store.Position{Value: "a", Key: int64(1)}))
	f.Add("e30.x")
	f.Fuzz(func(t *testing.T, text string) {
		if position, ok := signer.Read(r, r.Key, text); ok && signer.Write(r, r.Key, position) != text {
			t.Errorf("%q is read as %v", text, position)
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	given := url.Values{
		"q": {"x"}, "sort": {"-title"}, "after": {"p"}, "before": {""}, "filter.status": {"draft", "other"}, "utm": {"x"},
		"id": {"1"},
	}
	for _, c := range []struct {
		values  url.Values
		changes []string
		want    string
	}{
		{nil, nil, "/admin/posts"},
		{url.Values{"utm": {"x"}}, nil, "/admin/posts"},
		{given, nil, "/admin/posts?after=p&filter.status=draft&q=x&sort=-title"},
		{given, []string{"after", "", "q", ""}, "/admin/posts?filter.status=draft&sort=-title"},
		{given, []string{"after", "", "sort", "title", "q", "a b"}, "/admin/posts?filter.status=draft&q=a+b&sort=title"},
		{nil, []string{"filter.post_id", "a&b"}, "/admin/posts?filter.post_id=a%26b"},
	} {
		if got := query.Address("/admin/posts", c.values, c.changes...); got != c.want {
			t.Errorf("%v: %s, want %s", c.changes, got, c.want)
		}
	}
	if given.Get("sort") != "-title" {
		t.Error("the values were changed")
	}
}
