package web

import (
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/paging"
)

// ListRequest returns which page of a list a request asks for, with limit rows on it: the query parameter cursor is its
// cursor, and q what is searched for. [paging.Find] reads it.
func ListRequest(c echo.Context, limit int) paging.Request {
	request := paging.Request{Cursor: c.QueryParam("cursor"), Search: c.QueryParam("q"), Limit: limit}
	if r, ok := c.Echo().Renderer.(*Renderer); ok {
		request.Key = r.Key
	}
	return request
}
