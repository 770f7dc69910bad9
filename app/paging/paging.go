// Package paging reads lists page by page, for tables of any size:
//
//	var posts []models.Post
//	page, err := paging.Find(db.With(ctx), &posts, web.ListRequest(c, 20), paging.List{
//		Action: "posts.read",
//		Order:  paging.Newest("created_at"),
//		Search: []string{"title", "body"},
//		Prefix: []string{"slug"},
//	})
//
// A page starts where another one ends: its cursor is the position of a row in the order of the list. A page far from
// the start costs as much as the first one, and concurrent inserts and deletes do not skip or repeat rows. There is no
// OFFSET, no count of a whole table, and a search reads a limited number of rows.
//
// Rows that the user may not read are excluded before the page is cut, by the condition of their policies
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

// Limits of one request.
const (
	// Window is the number of rows, from the start of the list, that a search reads.
	Window = 10_000
	// Prefixes is the number of rows that a search reads from an index for each column of [List.Prefix].
	Prefixes = 1_000
	// Counted is the maximum number of rows that are counted.
	Counted = 1_000
	// Checked is the number of rows that are checked by policies without a condition in SQL.
	Checked = 2_000
)

// timeout limits the reading of a page, in case a required index is missing.
const timeout = 10 * time.Second

// Cursors of the first and last page.
const (
	First = "first"
	Last  = "last"
)

// Request is the page that a client requests.
type Request struct {
	// Cursor is the page: [First], [Last], or a cursor from another page of the same list. Defaults to First.
	Cursor string
	// Limit is the number of rows on a page. Defaults to 20.
	Limit int
	// Search is the text to search for. Defaults to none.
	Search string
	// Total requests the number of rows. Defaults to false.
	Total bool
	// Key signs cursors. Required.
	Key []byte
}

// List describes a list.
type List struct {
	// Action is the permission that users need for a row, "posts.read". Defaults to no check.
	Action string
	// Order is the order of the list. Defaults to the newest first, by the primary key.
	Order Order
	// Search are the text columns to search. Defaults to none: searches are ignored.
	Search []string
	// Prefix are text columns with an index: a search also finds rows beyond the [Window] in which one of them begins
	// with the text. Defaults to none.
	Prefix []string
	// Window is the number of rows that a search reads. Defaults to [Window].
	Window int
}

// Page describes the page that was read.
type Page struct {
	// Previous and Next are the cursors of the adjacent pages, or empty if there are none.
	Previous, Next string
	// Searched is the number of rows that the search read, or 0 if it read all rows. They are the first rows of the
	// list, which starts with the lowest value if it is Ascending.
	Searched  int
	Ascending bool
	// Checked is the number of rows after which reading stopped because the policies allowed too few of them, or 0.
	// There may be more rows on the page of Next or Previous.
	Checked int
	// Total is the number of rows, at most [Counted], if the request asks for it and the policies have conditions;
	// TotalMore reports that there are more. Otherwise it is -1.
	Total     int
	TotalMore bool
}

// Find reads a page of the list into rows, a pointer to a slice of models. An empty page is an empty slice, not nil.
// The query may have conditions and preloads, but no order and no limit. A forged cursor, or one of another list, is a
// problem with status 422 about /cursor.
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
		// This is the start of the list: show the whole first page.
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

// link sets the cursors of the adjacent pages.
func (r *reader) link(page *Page, key []byte, at place, found part) error {
	if len(key) == 0 {
		return errors.New("the request has no key to sign cursors")
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
