package paging

import (
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
)

// prepareSearch sets the search of the reader, unless text is empty or the list has no columns to search.
//
// A search for text anywhere in a column cannot use an index, so it reads the first rows of the list. A subquery limits
// them, so that no query plan reads more.
func (r *reader) prepareSearch(text string, page *Page) error {
	columns := slices.Concat(r.list.Search, r.list.Prefix)
	if text = strings.TrimSpace(text); text == "" || len(columns) == 0 {
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
	r.search = func(at place, limit int) *gorm.DB {
		first := r.cut(r.statement().Order(r.order.by(false)).Limit(window), r.names(columns...))
		parts := []*gorm.DB{database.Search(r.within(r.fresh(), first), text, columns...)}
		if n > window && database.Searchable(text) {
			for _, column := range r.list.Prefix {
				parts = append(parts, r.prefixed(column, text)...)
			}
		}
		return r.union(parts, at, limit)
	}
	return nil
}

// union returns up to limit rows of statements from a place on, without duplicates. Each statement is limited before
// the union, so that rows beyond the limit are not compared.
func (r *reader) union(parts []*gorm.DB, at place, limit int) *gorm.DB {
	arms := make([]any, len(parts))
	for i, part := range parts {
		part = part.Select(r.names())
		if at.row != nil {
			part = part.Where(r.order.beyond(at))
		}
		arms[i] = r.within(r.fresh(), part.Order(r.order.by(at.backward)).Limit(limit))
	}
	all := strings.TrimSuffix(strings.Repeat("? UNION ", len(arms)), " UNION ")
	return r.fresh().Table("("+all+") AS "+r.quoted(), arms...).Unscoped()
}

// matches returns the keys of up to limit rows that the search finds from a place on, in the direction of reading.
func (r *reader) matches(at place, limit int) ([]any, error) {
	rows := reflect.New(r.slice)
	query := r.search(at, limit).Select(r.names()).Order(r.order.by(at.backward)).Limit(limit)
	if err := query.Find(rows.Interface()).Error; err != nil {
		return nil, err
	}
	keys := make([]any, rows.Elem().Len())
	for i := range keys {
		keys[i] = r.order.position(query.Statement.Context, rows.Elem().Index(i)).key
	}
	return keys, nil
}

// prefixed returns statements for the rows in which a column begins with text, among the rows from the text on in its
// index. The limit applies before the other conditions of the list: a database that used an index for one of those
// would read more rows.
func (r *reader) prefixed(column, text string) []*gorm.DB {
	name := clause.Column{Name: column}
	var parts []*gorm.DB
	for _, variant := range variants(text, r.query.Name()) {
		rows := r.fresh().Table(r.schema.Table).Where("? >= ?", name, variant).
			Order(clause.OrderByColumn{Column: name}).Limit(Prefixes)
		rows = r.cut(rows, []string{"*"})
		parts = append(parts, database.SearchPrefix(r.within(r.statement(), rows), text, column))
	}
	return parts
}

// variants are the texts from which an index is read. MySQL and MariaDB ignore case themselves.
func variants(text, dialect string) []string {
	if dialect == "mysql" {
		return []string{text}
	}
	all := []string{text, strings.ToLower(text), strings.ToUpper(text)}
	slices.Sort(all)
	return slices.Compact(all)
}

// cut returns columns of the rows of a statement with an order and a limit. For thousands of rows, the servers would
// sort the whole table rather than look up each row of an index. Therefore they read the keys from the index alone, and
// then the rows one by one by their keys.
func (r *reader) cut(rows *gorm.DB, columns []string) *gorm.DB {
	table, key := r.quoted(), r.query.Statement.Quote(r.order.key.DBName)
	qualified := make([]string, len(columns))
	for i, column := range columns {
		qualified[i] = table + "." + column
	}
	switch r.query.Name() {
	case "postgres":
		each := "SELECT " + strings.Join(qualified, ", ") + " FROM " + table + " WHERE " + table + "." + key + " = cut." + key
		return r.fresh().Table("(?) AS cut CROSS JOIN LATERAL ("+each+" LIMIT 1) AS each_row", rows.Select(key)).
			Select("each_row.*")
	case "mysql":
		join := "(?) AS cut STRAIGHT_JOIN " + table + " ON " + table + "." + key + " = cut." + key
		return r.fresh().Table(join, rows.Select(key)).Select(qualified)
	}
	return rows.Select(columns)
}

// within replaces the table of another statement by the rows of a statement, under the same name.
func (r *reader) within(statement, rows *gorm.DB) *gorm.DB {
	return statement.Table("(?) AS "+r.quoted(), rows)
}

func (r *reader) quoted() string { return r.query.Statement.Quote(r.schema.Table) }

// names are the quoted columns of the order and the given ones, without duplicates.
func (r *reader) names(columns ...string) []string {
	var names []string
	for _, f := range r.order.columns() {
		names = append(names, r.query.Statement.Quote(f.DBName))
	}
	for _, column := range columns {
		if quoted := r.query.Statement.Quote(column); !slices.Contains(names, quoted) {
			names = append(names, quoted)
		}
	}
	return names
}
