package web

import (
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/paging"
)

// ListRequest returns the page of a list that a request asks for, with limit rows: the query parameter cursor is its
// cursor, and q the text to search for. [paging.Find] reads it.
func ListRequest(c echo.Context, limit int) paging.Request {
	request := paging.Request{Cursor: c.QueryParam("cursor"), Search: c.QueryParam("q"), Limit: limit}
	if r, ok := c.Echo().Renderer.(*Renderer); ok {
		request.Key = r.Key
	}
	return request
}
