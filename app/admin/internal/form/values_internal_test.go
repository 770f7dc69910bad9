package form

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/admin/internal/meta"
)

func TestSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		field meta.Field
		form  string
		want  []string
		there bool
	}{
		"text is trimmed":           {meta.Field{Kind: meta.Text}, "f=+a+", []string{"a"}, true},
		"long text is not":          {meta.Field{Kind: meta.LongText}, "f=+a%0D%0Ab+", []string{" a\nb "}, true},
		"JSON is not":               {meta.Field{Kind: meta.JSON}, "f=+{}", []string{" {}"}, true},
		"empty text":                {meta.Field{Kind: meta.Text}, "f=", []string{""}, true},
		"the first of several":      {meta.Field{Kind: meta.Text}, "f=a&f=b", []string{"a"}, true},
		"no text":                   {meta.Field{Kind: meta.Text}, "g=a", nil, false},
		"a checked box":             {meta.Field{Kind: meta.Bool}, "f=true&_present=f", []string{"true"}, true},
		"a box that is not checked": {meta.Field{Kind: meta.Bool}, "_present=f", []string{"false"}, true},
		"no box":                    {meta.Field{Kind: meta.Bool}, "_present=g", []string{"false"}, false},
		"a choice of three":         {meta.Field{Kind: meta.Bool, Optional: true}, "f=", []string{""}, true},
		"keys":                      {meta.Field{Kind: meta.Many}, "f=7&f=11&f=7&f=&_present=f", []string{"11", "7"}, true},
		"no keys":                   {meta.Field{Kind: meta.Many}, "_present=f", nil, true},
		"no relation":               {meta.Field{Kind: meta.Many}, "f=7", []string{"7"}, false},
		"lines": {
			meta.Field{Kind: meta.Lines},
			"f=b.*%0D%0A%0D%0Aa.read+c&_present=f",
			[]string{"a.read", "b.*", "c"},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form, err := url.ParseQuery(c.form)
			if err != nil {
				t.Fatal(err)
			}
			c.field.Column = "f"
			got, there := sent(&c.field, form, time.UTC)
			if there != c.there {
				t.Errorf("there: %t", there)
			}
			if diff := cmp.Diff(c.want, got); c.there && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestChangedSince(t *testing.T) {
	t.Parallel()
	title, tags := &meta.Field{Column: "title"}, &meta.Field{Column: "tags"}
	fields := []*meta.Field{title, tags}
	shown := values{"title": {"One"}, "tags": {"1", "2"}}
	remembered := version(fields, shown)
	for name, c := range map[string]struct {
		version string
		now     values
		want    []*meta.Field
	}{
		"nothing":             {remembered, values{"title": {"One"}, "tags": {"1", "2"}}, []*meta.Field{}},
		"a text":              {remembered, values{"title": {"Two"}, "tags": {"1", "2"}}, []*meta.Field{title}},
		"a key":               {remembered, values{"title": {"One"}, "tags": {"1"}}, []*meta.Field{tags}},
		"where keys end":      {remembered, values{"title": {"One"}, "tags": {"1,2"}}, []*meta.Field{tags}},
		"no version":          {"", shown, fields},
		"a malformed version": {"{", shown, fields},
		"of other fields":     {version(fields[:1], shown), shown, []*meta.Field{tags}},
	} {
		if diff := cmp.Diff(names(c.want), names(changedSince(fields, c.now, c.version))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func names(fields []*meta.Field) []string {
	list := []string{}
	for _, f := range fields {
		list = append(list, f.Column)
	}
	return list
}
