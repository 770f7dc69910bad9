package api

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"gorm.io/gorm"
)

// Page is a request dependency: paging by number. It suits lists that people leaf
// through; the further the page, the slower it is. See [Cursor] for the others.
//
//	type ListInput struct {
//		api.Page
//		Q string `query:"q" maxLength:"100"`
//	}
//
//	type ListOutput struct {
//		api.Links
//		Body []models.Post
//	}
//
//	query := h.db.With(ctx).Order("title, id")
//	out.Links, err = in.Find(query, &out.Body)
type Page struct {
	Page    int  `query:"page" minimum:"1" maximum:"100000" default:"1" doc:"number of the page, from 1"`
	PerPage int  `query:"per_page" minimum:"1" maximum:"100" default:"20" doc:"length of a page"`
	Total   bool `query:"total" doc:"whether to count all of them, into X-Total-Count"`
}

// Offset returns how many rows come before the page.
func (p Page) Offset() int { return (p.Page - 1) * p.PerPage }

// Find reads the page of a query that is ordered into the slice that list points
// to, and counts all rows if the client asked for it. The links lead to the pages
// around it.
func (p Page) Find(query *gorm.DB, list any) (Links, error) {
	rows := reflect.ValueOf(list)
	if rows.Kind() != reflect.Pointer || rows.Elem().Kind() != reflect.Slice {
		return Links{}, fmt.Errorf("reading a page into %T: it is no pointer to a slice", list)
	}
	query = query.Session(&gorm.Session{})
	var links Links
	if p.Total {
		var total int64
		if err := query.Model(list).Count(&total).Error; err != nil {
			return links, fmt.Errorf("counting: %w", err)
		}
		links.total = &total
	}
	// One row more than asked for tells whether there is a next page.
	if err := query.Offset(p.Offset()).Limit(p.PerPage + 1).Find(list).Error; err != nil {
		return links, fmt.Errorf("reading a page: %w", err)
	}
	if p.Page > 1 {
		links.add("first", "page", "1")
		links.add("prev", "page", strconv.Itoa(p.Page-1))
	}
	if truncate(rows.Elem(), p.PerPage) {
		links.add("next", "page", strconv.Itoa(p.Page+1))
	}
	if links.total != nil {
		links.add("last", "page", strconv.Itoa(max(1, int((*links.total+int64(p.PerPage)-1)/int64(p.PerPage)))))
	}
	return links, nil
}

// truncate shortens rows to limit, replaces nil by an empty list, and reports whether
// there were more.
func truncate(rows reflect.Value, limit int) bool {
	if rows.IsNil() {
		rows.Set(reflect.MakeSlice(rows.Type(), 0, 0))
	}
	if rows.Len() <= limit {
		return false
	}
	rows.SetLen(limit)
	return true
}

// Links is a part of an output: the Link header (RFC 8288) with the pages around
// the one that was asked for, and X-Total-Count.
type Links struct {
	list  []link
	total *int64
}

type link struct{ relation, parameter, value string }

func (l *Links) add(relation, parameter, value string) {
	l.list = append(l.list, link{relation, parameter, value})
}

// set writes the headers: each link is the address of the request with another page.
func (l *Links) set(h http.Header, r *http.Request) {
	if l.total != nil {
		h.Set("X-Total-Count", strconv.FormatInt(*l.total, 10))
	}
	if len(l.list) == 0 {
		return
	}
	parts := make([]string, len(l.list))
	for i, link := range l.list {
		query := r.URL.Query()
		query.Set(link.parameter, link.value)
		target := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query.Encode()}
		parts[i] = "<" + target.String() + `>; rel="` + link.relation + `"`
	}
	h.Set("Link", strings.Join(parts, ", "))
}
