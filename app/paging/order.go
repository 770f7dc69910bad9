package paging

import (
	"context"
	"fmt"
	"reflect"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// Order is an order of rows: by a column, and by the primary key among equal values. For speed it needs an index over
// both columns, which starts with the columns of fixed conditions of the list. The column must not contain NULL.
type Order struct {
	// Column is a column of the table. Defaults to the primary key.
	Column string
	// Ascending starts with the lowest value. Defaults to false.
	Ascending bool
}

// Newest orders by a column such as created_at, highest value first.
func Newest(column string) Order { return Order{Column: column} }

// Oldest orders by a column such as title, lowest value first.
func Oldest(column string) Order { return Order{Column: column, Ascending: true} }

// order is an order of the rows of one table.
type order struct {
	table       string
	column, key *schema.Field
	ascending   bool
	pairs       bool // whether the database uses an index for row comparisons
}

// position is the position of a row in an order.
type position struct{ value, key any }

// place is the position of a page: the rows after or before a row, or those at an end of the list.
type place struct {
	backward bool
	row      *position
}

func newOrder(query *gorm.DB, s *schema.Schema, o Order) (*order, error) {
	k := &order{
		table: s.Table, key: s.PrioritizedPrimaryField, ascending: o.Ascending, pairs: query.Name() != "mysql",
	}
	if k.column = k.key; o.Column != "" {
		k.column = s.LookUpField(o.Column)
	}
	if k.column == nil || k.key == nil {
		return nil, fmt.Errorf("%s has no column %q, or no primary key", s.Table, o.Column)
	}
	return k, nil
}

func (o *order) name(f *schema.Field) clause.Column {
	return clause.Column{Table: o.table, Name: f.DBName}
}

// columns are the columns of the order.
func (o *order) columns() []*schema.Field {
	if o.column == o.key {
		return []*schema.Field{o.key}
	}
	return []*schema.Field{o.column, o.key}
}

// by orders a statement, backward or not.
func (o *order) by(backward bool) clause.OrderBy {
	var by clause.OrderBy
	for _, f := range o.columns() {
		by.Columns = append(by.Columns, clause.OrderByColumn{Column: o.name(f), Desc: o.ascending == backward})
	}
	return by
}

// beyond is the condition for the rows after a place, or before it. MySQL and MariaDB do not use an index range for row
// comparisons, but do for the equivalent alternatives.
func (o *order) beyond(at place) clause.Expression {
	operator := ">"
	if o.ascending == at.backward {
		operator = "<"
	}
	column, key := o.name(o.column), o.name(o.key)
	switch {
	case o.column == o.key:
		return clause.Expr{SQL: "? " + operator + " ?", Vars: []any{key, at.row.key}}
	case o.pairs:
		return clause.Expr{
			SQL: "(?, ?) " + operator + " (?, ?)", Vars: []any{column, key, at.row.value, at.row.key},
			WithoutParentheses: true,
		}
	}
	return clause.Expr{
		SQL:  "(? " + operator + " ? OR (? = ? AND ? " + operator + " ?))",
		Vars: []any{column, at.row.value, column, at.row.value, key, at.row.key},
	}
}

// position returns the position of a row.
func (o *order) position(ctx context.Context, row reflect.Value) *position {
	row = reflect.Indirect(row)
	value, _ := o.column.ValueOf(ctx, row)
	key, _ := o.key.ValueOf(ctx, row)
	return &position{value, key}
}
