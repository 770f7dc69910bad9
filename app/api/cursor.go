package api

import (
	"context"
	"reflect"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/paging"
)

// Cursor is a request dependency for paginated lists. A page starts where another one ends, so that every page is
// equally fast, and concurrent inserts and deletes do not skip or repeat rows:
//
//	type ListInput struct {
//		api.Cursor
//		Q string `query:"q" maxLength:"100"`
//	}
//
//	type ListOutput struct {
//		api.Links
//		Body []models.Post
//	}
//
//	list := paging.List{Order: paging.Newest("created_at"), Search: []string{"title"}}
//	out.Links, err = in.Find(h.db.With(ctx), &out.Body, in.Q, list)
//
// Cursors are opaque to clients, and signed. Without a parameter page of its own, an endpoint rejects one (422),
// because pages have no numbers.
type Cursor struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"the page to read: next, prev, first or last of a Link header, or first or last"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"length of a page"`
	Total  bool   `query:"total" doc:"whether to count the records, as far as 1,000: X-Total-Count, or X-Total-Count-Above"`

	key []byte
}

func (m *Module) resolveCursor(_ context.Context, v reflect.Value) error {
	v.Addr().Interface().(*Cursor).key = m.app.Key("api cursor") //nolint:forcetypeassert // providers are stored by their type
	return nil
}

// Request returns the requested page, with a text to search for, or "".
func (c Cursor) Request(search string) paging.Request {
	return paging.Request{Cursor: c.Cursor, Limit: c.Limit, Search: search, Total: c.Total, Key: c.key}
}

// Find reads the page of a list into the slice of models that rows points to: see [paging.Find].
func (c Cursor) Find(query *gorm.DB, rows any, search string, list paging.List) (Links, error) {
	page, err := paging.Find(query, rows, c.Request(search), list)
	return LinksTo(page), err
}
