package paging

import (
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
)

// prepareSearch sets the search of the reader, unless text is empty.
//
// A search for text anywhere in a column has no index to go by, so that it looks through the first rows of the list. They
// are cut off in a subquery, so that no plan of the database looks at more.
func (r *reader) prepareSearch(text string, page *Page) error {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	window := r.list.Window
	if window <= 0 {
		window = Window
	}
	n, err := r.countUpTo(r.statement().Select("1").Order(r.order.by(false)), window+1)
	if err != nil {
		return err
	}
	if n > window {
		page.Searched = window
	}
	columns := slices.Concat(r.list.Search, r.list.Prefix)
	r.search = func() *gorm.DB {
		first := r.statement().Select(r.names(columns...)).Order(r.order.by(false)).Limit(window)
		parts := []any{database.Search(r.within(r.fresh(), first), text, columns...).Select(r.names())}
		if n > window && database.Searchable(text) {
			for _, column := range r.list.Prefix {
				parts = append(parts, r.prefixed(column, text)...)
			}
		}
		// UNION leaves out the rows that are found twice.
		union := strings.TrimSuffix(strings.Repeat("? UNION ", len(parts)), " UNION ")
		return r.fresh().Table("("+union+") AS "+r.quoted(), parts...)
	}
	return nil
}

// matches returns the keys of up to limit rows that the search finds from a place on, in the direction of reading.
func (r *reader) matches(at place, limit int) ([]any, error) {
	rows := reflect.New(r.slice)
	query := r.search().Unscoped()
	if at.row != nil {
		query = query.Where(r.order.beyond(at))
	}
	if err := query.Select(r.names()).Order(r.order.by(at.backward)).Limit(limit).Find(rows.Interface()).Error; err != nil {
		return nil, err
	}
	keys := make([]any, rows.Elem().Len())
	for i := range keys {
		keys[i] = r.order.position(query.Statement.Context, rows.Elem().Index(i)).key
	}
	return keys, nil
}

// prefixed returns statements for the rows that begin with text in a column, by its index: the rows from the text on. They are cut off before the other conditions of the list: a database that took
// an index for one of these would look at more rows.
func (r *reader) prefixed(column, text string) []any {
	name := clause.Column{Name: column}
	var parts []any
	for _, variant := range variants(text, r.query.Name()) {
		rows := r.fresh().Table(r.schema.Table).Where("? >= ?", name, variant).
			Order(clause.OrderByColumn{Column: name}).Limit(Prefixes)
		parts = append(parts, database.SearchPrefix(r.within(r.statement(), rows), text, column).Select(r.names()))
	}
	return parts
}

// variants are the texts from which an index is read. Those of MySQL and MariaDB ignore case by themselves.
func variants(text, dialect string) []string {
	if dialect == "mysql" {
		return []string{text}
	}
	all := []string{text, strings.ToLower(text), strings.ToUpper(text)}
	slices.Sort(all)
	return slices.Compact(all)
}

// within makes the rows of a statement, under the name of the table, the rows of another one.
func (r *reader) within(statement, rows *gorm.DB) *gorm.DB {
	return statement.Table("(?) AS "+r.quoted(), rows)
}

func (r *reader) quoted() string { return r.query.Statement.Quote(r.schema.Table) }

// names are the columns of the order and these, each once.
func (r *reader) names(columns ...string) []string {
	var names []string
	for _, f := range r.order.columns() {
		names = append(names, f.DBName)
	}
	for _, column := range columns {
		if !slices.Contains(names, column) {
			names = append(names, column)
		}
	}
	return names
}
