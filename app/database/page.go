package database

import (
	"fmt"

	"gorm.io/gorm"
)

// MaxPage is the last page that [Paginate] reads.
//
// Threat: the rows before a page are read to be skipped, so a page far out costs as much as all before it.
const MaxPage = 100_000

// Page is a part of a list, as [Paginate] reads it.
type Page[T any] struct {
	// Items are the rows of the page. It is empty, and not nil, beyond the end of the list.
	Items []T
	// Number is the number of the page, which begins at 1.
	Number int
	// More reports whether there is a page after this one.
	More bool
}

// Paginate reads one page of the rows of query, which should be in an order that leaves no two rows equal:
//
//	page, err := database.Paginate[models.Post](db.With(ctx).Order("created_at DESC, id DESC"), web.PageNumber(c), 20)
//
// A number below 1 is taken for 1 and one above [MaxPage] for MaxPage; a size below 1 is taken for 1. Rows are not
// counted: to know whether there is more, one row more than the page holds is read.
func Paginate[T any](query *gorm.DB, number, size int) (Page[T], error) {
	number, size = min(max(number, 1), MaxPage), max(size, 1)
	items := []T{}
	if err := query.Offset((number - 1) * size).Limit(size + 1).Find(&items).Error; err != nil {
		return Page[T]{}, fmt.Errorf("reading page %d: %w", number, err)
	}
	page := Page[T]{Items: items, Number: number, More: len(items) > size}
	if page.More {
		page.Items = items[:size]
	}
	return page, nil
}
