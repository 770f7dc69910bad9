package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/paging"
)

// Links is a part of an output: the Link header (RFC 8288) with the adjacent pages, and the headers that describe the
// page: X-Total-Count and X-Total-Count-Above, X-Searched, and X-Checked.
type Links struct{ page *paging.Page }

// linkHeaders describes the headers of [Links] besides Link. Each is a number.
var linkHeaders = map[string]string{
	"X-Total-Count":       "The number of records, if total was asked for and there are at most 1,000.",
	"X-Total-Count-Above": "1000, if total was asked for and there are more records.",
	"X-Searched":          "The number of records that the search looked through, if these were not all.",
	"X-Checked": "The number of records after which the server stopped looking for those that the user may read. " +
		"The next page goes on there.",
}

// LinksTo returns the links to the pages around a page.
func LinksTo(page paging.Page) Links { return Links{&page} }

// set writes the headers: each link is the address of the request with another cursor.
func (l *Links) set(h http.Header, r *http.Request) {
	if l.page == nil {
		return
	}
	for name, n := range map[string]int{"X-Searched": l.page.Searched, "X-Checked": l.page.Checked} {
		if n > 0 {
			h.Set(name, strconv.Itoa(n))
		}
	}
	switch {
	case l.page.TotalMore:
		h.Set("X-Total-Count-Above", strconv.Itoa(l.page.Total))
	case l.page.Total >= 0:
		h.Set("X-Total-Count", strconv.Itoa(l.page.Total))
	}
	var parts []string
	add := func(relation, cursor string) {
		query := r.URL.Query()
		query.Set("cursor", cursor)
		target := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query.Encode()}
		parts = append(parts, "<"+target.String()+`>; rel="`+relation+`"`)
	}
	if l.page.Previous != "" {
		add("first", paging.First)
		add("prev", l.page.Previous)
	}
	if l.page.Next != "" {
		add("next", l.page.Next)
		add("last", paging.Last)
	}
	if len(parts) > 0 {
		h.Set("Link", strings.Join(parts, ", "))
	}
}
