package ui_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/paging"
	"github.com/covetgo/covet/app/web/ui"
)

func TestPager(t *testing.T) {
	t.Parallel()
	address := func(cursor string) string { return "/posts?q=a&cursor=" + cursor }
	for _, test := range []struct {
		name  string
		page  paging.Page
		has   []string
		lacks []string
	}{
		{"the only page", paging.Page{}, nil, []string{"<"}},
		{
			"the first page",
			paging.Page{Next: "n"},
			[]string{
				`<nav class="pager" aria-label="Pages">`, `href="/posts?q=a&amp;cursor=n" rel="next"`, `cursor=last" rel="last"`,
			},
			[]string{`rel="prev"`, `rel="first"`, "Searched"},
		},
		{
			"a page between",
			paging.Page{Previous: "p", Next: "n"},
			[]string{`cursor=first" rel="first"`, `cursor=p" rel="prev"`, `cursor=n" rel="next"`},
			nil,
		},
		{"the last page", paging.Page{Previous: "p"}, []string{`cursor=p" rel="prev"`}, []string{`rel="next"`, `rel="last"`}},
		{
			"a search that stopped",
			paging.Page{Searched: 10_000},
			[]string{"Searched the newest 10,000 records."},
			[]string{"<nav"},
		},
		{
			"a search that stopped in another order",
			paging.Page{Searched: 10_000, Ascending: true},
			[]string{"Searched the first 10,000 records."},
			nil,
		},
		{"a check that stopped", paging.Page{Checked: 2_000, Next: "n"}, []string{"2,000 records were checked"}, nil},
	} {
		html := render(t, ui.Pager(test.page, address))
		for _, part := range test.has {
			if !strings.Contains(html, part) {
				t.Errorf("%s: %s is missing in %s", test.name, part, html)
			}
		}
		for _, part := range test.lacks {
			if strings.Contains(html, part) {
				t.Errorf("%s: %s should not be in %s", test.name, part, html)
			}
		}
	}
}

// Threat: an address that comes from a user runs a script.
func TestPagerAttack(t *testing.T) {
	t.Parallel()
	html := render(t, ui.Pager(paging.Page{Next: "n"}, func(string) string { return `javascript:alert("1")` }))
	if strings.Contains(html, "javascript:") {
		t.Errorf("the script is in %s", html)
	}
}
