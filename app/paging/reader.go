package paging

import (
	"context"
	"errors"
	"reflect"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/app/identity"
)

// reader reads parts of one list.
type reader struct {
	query  *gorm.DB // with the conditions of the caller and of the policies; cloned for each use
	list   List
	schema *schema.Schema
	slice  reflect.Type
	order  *order
	// check reports whether the user may read a row; nil if the query decides.
	check func(ctx context.Context, row any) bool
	// search returns a statement with the keys and positions of up to limit rows that a search finds from a place on,
	// in no order; nil without a search.
	search func(at place, limit int) *gorm.DB
}

func newReader(query *gorm.DB, slice reflect.Type, list List) (*reader, error) {
	s, err := parse(query, slice)
	if err != nil {
		return nil, err
	}
	r := &reader{list: list, schema: s, slice: slice}
	if r.order, err = newOrder(query, s, list.Order); err != nil {
		return nil, err
	}
	query = query.Model(reflect.New(s.ModelType).Interface())
	if list.Action != "" {
		condition, ok := identity.Filter(query.Statement.Context, list.Action, reflect.New(s.ModelType).Interface())
		if ok {
			query = query.Where(condition)
		} else {
			r.check = func(ctx context.Context, row any) bool { return identity.Can(ctx, list.Action, row) }
		}
	}
	r.query = query.Session(&gorm.Session{})
	return r, nil
}

// parse returns the schema of the elements of a slice.
func parse(query *gorm.DB, slice reflect.Type) (*schema.Schema, error) {
	statement := &gorm.Statement{DB: query}
	if err := statement.Parse(reflect.New(slice).Interface()); err != nil {
		return nil, err
	}
	if statement.Schema.PrioritizedPrimaryField == nil {
		return nil, errors.New(statement.Schema.Table + " has no single-column primary key")
	}
	return statement.Schema, nil
}

// part is the result of one read.
type part struct {
	rows reflect.Value
	more bool // rows exist beyond these, in the direction of reading
	// stopped is the position after which rows were not checked, if checked rows were.
	stopped *position
	checked int
}

// read returns up to limit rows from a place on, in the order of the list.
func (r *reader) read(at place, limit int) (part, error) {
	p := part{rows: reflect.MakeSlice(r.slice, 0, 0)}
	var err error
	if r.check == nil {
		p.rows, err = r.fetch(at, limit+1)
	} else {
		err = r.readChecked(&p, at, limit+1)
	}
	if err != nil {
		return p, err
	}
	if p.rows.Len() > limit {
		p.more, p.stopped, p.checked = true, nil, 0
		p.rows = p.rows.Slice3(0, limit, limit)
	}
	if at.backward {
		swap := reflect.Swapper(p.rows.Interface())
		for i, j := 0, p.rows.Len()-1; i < j; i, j = i+1, j-1 {
			swap(i, j)
		}
	}
	return p, nil
}

// readChecked reads until it has found want rows that the user may read, or has checked [Checked] rows.
func (r *reader) readChecked(p *part, at place, want int) error {
	const chunk = 200
	ctx := r.query.Statement.Context
	for looked := 0; looked < Checked; looked += chunk {
		rows, err := r.fetch(at, chunk)
		if err != nil {
			return err
		}
		for i := range rows.Len() {
			row := rows.Index(i)
			if !r.check(ctx, reflect.Indirect(row).Addr().Interface()) {
				continue
			}
			if p.rows = reflect.Append(p.rows, row); p.rows.Len() == want {
				return nil
			}
		}
		if rows.Len() < chunk {
			return nil
		}
		at.row = r.order.position(ctx, rows.Index(rows.Len()-1))
	}
	p.stopped, p.checked = at.row, Checked
	return nil
}

// fetch reads up to limit rows from a place on, in the direction of reading.
func (r *reader) fetch(at place, limit int) (reflect.Value, error) {
	rows := reflect.New(r.slice)
	rows.Elem().Set(reflect.MakeSlice(r.slice, 0, 0))
	query := r.query.Session(&gorm.Session{})
	if r.search != nil {
		keys, err := r.matches(at, limit)
		if err != nil || len(keys) == 0 {
			return rows.Elem(), err
		}
		// The limit keeps SQLite from using the index of another condition.
		found := r.fresh().Table(r.schema.Table).Where("? IN ?", r.order.name(r.order.key), keys).Limit(len(keys))
		query = r.within(query, found)
	} else if at.row != nil {
		query = query.Where(r.order.beyond(at))
		if r.query.Name() == "mysql" {
			// MySQL and MariaDB may scan the index of another condition from its end to the place. Reading the keys
			// from the index first is much faster than reading each row.
			keys := r.statement().Where(r.order.beyond(at)).Order(r.order.by(at.backward)).Limit(limit)
			query = r.within(r.query.Session(&gorm.Session{}), r.cut(keys, []string{"*"}))
		}
	}
	err := query.Order(r.order.by(at.backward)).Limit(limit).Find(rows.Interface()).Error
	return rows.Elem(), err
}

// count counts the rows of the list, or of the search, up to [Counted].
func (r *reader) count() (n int, more bool, err error) {
	rows := r.statement().Select("1")
	if r.search != nil {
		rows = r.search(place{}, Counted+1).Select("1")
	}
	n, err = r.countUpTo(rows, Counted+1)
	return min(n, Counted), n > Counted, err
}

// countUpTo counts the rows of a statement up to a limit.
func (r *reader) countUpTo(rows *gorm.DB, limit int) (int, error) {
	var n int64
	err := r.fresh().Table("(?) AS counted", rows.Limit(limit)).Count(&n).Error
	return int(n), err
}

// statement returns a statement on the rows of the list without preloads, for use inside of another one.
func (r *reader) statement() *gorm.DB {
	query := r.query.Model(reflect.New(r.schema.ModelType).Interface())
	query.Statement.Preloads = map[string][]any{}
	return query
}

// fresh returns a statement without conditions.
func (r *reader) fresh() *gorm.DB { return r.query.Session(&gorm.Session{NewDB: true}) }
