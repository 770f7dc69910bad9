package ui_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/web/ui"
)

func TestPager(t *testing.T) {
	t.Parallel()
	address := func(number int) string { return "/posts?q=a&page=" + string(rune('0'+number)) }
	for _, tt := range []struct {
		number int
		more   bool
		has    []string
		lacks  []string
	}{
		{1, false, nil, []string{"<"}},
		{
			1, true,
			[]string{`<nav class="pager" aria-label="Pages">`, `href="/posts?q=a&amp;page=2" rel="next"`, "Page 1"},
			[]string{`rel="prev"`},
		},
		{2, true, []string{`page=1" rel="prev"`, `page=3" rel="next"`}, nil},
		{3, false, []string{`page=2" rel="prev"`}, []string{`rel="next"`}},
	} {
		html := render(t, ui.Pager(tt.number, tt.more, address))
		for _, part := range tt.has {
			if !strings.Contains(html, part) {
				t.Errorf("page %d: %s is missing in %s", tt.number, part, html)
			}
		}
		for _, part := range tt.lacks {
			if strings.Contains(html, part) {
				t.Errorf("page %d: %s should not be in %s", tt.number, part, html)
			}
		}
	}
}

// Threat: an address made of what somebody typed runs a script.
func TestPagerAttack(t *testing.T) {
	t.Parallel()
	html := render(t, ui.Pager(1, true, func(int) string { return `javascript:alert("1")` }))
	if strings.Contains(html, "javascript:") {
		t.Errorf("the script is in %s", html)
	}
}
