package web

import (
	"strconv"

	"github.com/labstack/echo/v4"
)

// PageNumber returns the number in the query parameter page: 1 when there is none, or when it is no number from 1 on.
func PageNumber(c echo.Context) int {
	number, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil || number < 1 {
		return 1
	}
	return number
}
