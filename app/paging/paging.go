// Package paging reads lists page by page, however many rows the table has:
//
//	var posts []models.Post
//	page, err := paging.Find(db.With(ctx), &posts, web.ListRequest(c, 20), paging.List{
//		Action: "posts.read",
//		Order:  paging.Newest("created_at"),
//		Search: []string{"title", "body"},
//		Prefix: []string{"slug"},
//	})
//
// A page begins where another one ends: its cursor is the place of a row in the order of the list, so that a page far
// out costs as much as the first one, and rows that come and go meanwhile are neither skipped nor repeated. No number of
// rows before a page is skipped, no table is counted to its end, and a search looks at a bounded number of rows.
//
// Rows that the user may not read are left out before the page is cut, by the condition of their policies
// ([identity.Rule.Where]).
package paging

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/problem"
)

// Bounds of what one request looks at.
const (
	// Window is how many rows a search looks through, the first of the list.
	Window = 10_000
	// Prefixes is how many rows a search takes from an index for each column of [List.Prefix].
	Prefixes = 1_000
	// Counted is how far rows are counted.
	Counted = 1_000
	// Checked is how many rows are checked by policies that have no condition in SQL.
	Checked = 2_000
)

// timeout bounds the reading of a page, if an index that it needs is missing.
const timeout = 10 * time.Second

// Cursors of the pages at the ends of a list.
const (
	First = "first"
	Last  = "last"
)

// Request is what a client asks for.
type Request struct {
	// Cursor is where the page is: [First], [Last], or a cursor of another page of the same list. Defaults to First.
	Cursor string
	// Limit is the number of rows on a page. Defaults to 20.
	Limit int
	// Search is what to search for. Defaults to nothing.
	Search string
	// Total asks for the number of rows. Defaults to false.
	Total bool
	// Key signs cursors. It is required.
	Key []byte
}

// List describes a list.
type List struct {
	// Action is what users must be allowed to do with a row, "posts.read". Defaults to no check.
	Action string
	// Order is the order of the list. Defaults to the newest first, by the primary key.
	Order Order
	// Search names the columns of text that a search looks in. Defaults to none: searches are ignored.
	Search []string
	// Prefix names columns of text with an index: a search also finds rows beyond the [Window] in which one of them begins
	// with the text. Defaults to none.
	Prefix []string
	// Window is how many rows a search looks through. Defaults to [Window].
	Window int
}

// Page describes the page that was read.
type Page struct {
	// Previous and Next are the cursors of the pages around, or empty if there is none.
	Previous, Next string
	// Searched is the number of rows that the search looked through, or 0 if these were all. They are the first ones of the
	// list, which begins with the lowest value if it is Ascending.
	Searched  int
	Ascending bool
	// Checked is the number of rows after which reading stopped, because the policies allowed too few of them, or 0. There
	// may be more: Next or Previous leads on.
	Checked int
	// Total is the number of rows, at most [Counted], if the request asks for it and the policies have conditions; TotalMore
	// reports that there are more. Otherwise it is -1.
	Total     int
	TotalMore bool
}

// Find reads the page of a list into rows, a pointer to a slice of models, which is empty and not nil if the page is.
// The query may have conditions and preloads, but no order and no limit of its own. A cursor of another list, or one that
// was made up, is a problem with status 422 about /cursor.
func Find(query *gorm.DB, rows any, request Request, list List) (Page, error) {
	ctx, cancel := context.WithTimeout(query.Statement.Context, timeout)
	defer cancel()
	page, err := find(query.WithContext(ctx), rows, request, list)
	switch {
	case err == nil:
		return page, nil
	case ctx.Err() != nil && query.Statement.Context.Err() == nil:
		return page, problem.Unavailable(fmt.Errorf("reading a page took longer than %s: %w", timeout, err))
	}
	return page, fmt.Errorf("reading a page: %w", err)
}

func find(query *gorm.DB, rows any, request Request, list List) (Page, error) {
	target := reflect.ValueOf(rows)
	if target.Kind() != reflect.Pointer || target.Elem().Kind() != reflect.Slice {
		return Page{}, fmt.Errorf("%T is not a pointer to a slice", rows)
	}
	r, err := newReader(query, target.Elem().Type(), list)
	if err != nil {
		return Page{}, err
	}
	if request.Limit <= 0 {
		request.Limit = 20
	}
	at, err := r.order.open(request.Key, request.Cursor)
	if err != nil {
		field := problem.Field{Pointer: "/cursor", Detail: problem.Texts().T(query.Statement.Context, "cursor")}
		return Page{}, problem.Invalid(field).WithCause(err)
	}
	page := Page{Total: -1, Ascending: list.Order.Ascending}
	if err := r.prepareSearch(request.Search, &page); err != nil {
		return page, err
	}
	found, err := r.read(at, request.Limit)
	if err != nil {
		return page, err
	}
	if at.backward && at.row != nil && !found.more {
		// The beginning is reached: show the whole first page.
		at = place{}
		if found, err = r.read(at, request.Limit); err != nil {
			return page, err
		}
	}
	target.Elem().Set(found.rows)
	if page.Checked = found.checked; request.Total && r.check == nil {
		if page.Total, page.TotalMore, err = r.count(); err != nil {
			return page, err
		}
	}
	return page, r.link(&page, request.Key, at, found)
}

// link sets the cursors of the pages around.
func (r *reader) link(page *Page, key []byte, at place, found part) error {
	if len(key) == 0 {
		return errors.New("the request has no key to sign cursors with")
	}
	ctx := r.query.Statement.Context
	var first, last *position
	if n := found.rows.Len(); n > 0 {
		first, last = r.order.position(ctx, found.rows.Index(0)), r.order.position(ctx, found.rows.Index(n-1))
	}
	if at.backward {
		page.Next, page.Previous = r.order.seal(key, place{row: last}), r.order.seal(key, place{backward: true, row: first})
		switch {
		case at.row == nil:
			page.Next = ""
		case last == nil:
			page.Next = First
		}
		if found.stopped != nil {
			page.Previous = r.order.seal(key, place{backward: true, row: found.stopped})
		} else if !found.more {
			page.Previous = ""
		}
		return nil
	}
	page.Previous, page.Next = r.order.seal(key, place{backward: true, row: first}), r.order.seal(key, place{row: last})
	switch {
	case at.row == nil:
		page.Previous = ""
	case first == nil:
		page.Previous = Last
	}
	if found.stopped != nil {
		page.Next = r.order.seal(key, place{row: found.stopped})
	} else if !found.more {
		page.Next = ""
	}
	return nil
}
