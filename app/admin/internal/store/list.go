package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/admin/internal/meta"
)

// Filter restricts a list by one field.
type Filter struct {
	Field *meta.Field
	// Null asks for NULL (true) or for anything else (false), unless it is nil.
	Null *bool
	// Equal is the value to have, unless it is nil.
	Equal any
	// From and Until bound times and dates, the latter exclusively; zero is no bound.
	From, Until time.Time
}

func (f Filter) apply(tx *gorm.DB) *gorm.DB {
	c := column(f.Field.Column)
	if f.Null != nil {
		if *f.Null {
			return tx.Where("? IS NULL", c)
		}
		tx = tx.Where("? IS NOT NULL", c)
	}
	if f.Equal != nil {
		tx = tx.Where("? = ?", c, f.Equal)
	}
	if !f.From.IsZero() {
		tx = tx.Where("? >= ?", c, f.bound(f.From))
	}
	if !f.Until.IsZero() {
		tx = tx.Where("? < ?", c, f.bound(f.Until))
	}
	return tx
}

// bound is a time as its column holds it: of a date, SQLite compares the text.
func (f Filter) bound(t time.Time) any {
	if f.Field.Kind == meta.Date {
		return t.Format(time.DateOnly)
	}
	return t
}

// Position is a place in a list: before or after the row with this value and key. A nil value is NULL.
type Position struct {
	Value, Key any
}

// Query asks for a part of a list.
type Query struct {
	Search  string
	Filters []Filter
	Deleted bool
	// Readable is a condition for the records that the user may read; nil for all.
	Readable clause.Expression
	Sort     meta.Sort
	// After and Before are where the part begins or ends; at most one is set.
	After, Before *Position
	Limit         int
}

// Page is a part of a list.
type Page struct {
	Records []any
	// Previous and Next are where to go on, or nil.
	Previous, Next *Position
	// Count is the number of records up to [Counted] and one, or -1 when it is not known.
	Count int
	// Searched is how many rows were looked through, when that was not all.
	Searched int
	// Sort is the order of the records: the one asked for, unless the table is too large for it.
	Sort       meta.Sort
	SortDenied bool
	// Sortable tells which columns the list can be sorted by.
	Sortable func(*meta.Field) bool
}

// List returns a part of a list. However large the table is, it looks at a bounded number of rows:
//
//   - a table of at most [Counted] rows is read as it comes;
//   - in a larger one an index on a filtered column that leaves at most [Counted] rows is used;
//   - else rows are looked through in the order of the list, [Window] at a time.
func (s *Store) List(ctx context.Context, r *meta.Resource, q Query) (Page, error) {
	page, err := s.list(ctx, r, q)
	if err != nil {
		return Page{}, fmt.Errorf("listing %s: %w", r.Table, err)
	}
	return page, nil
}

func (s *Store) list(ctx context.Context, r *meta.Resource, q Query) (Page, error) {
	page := Page{Count: -1, Sort: q.Sort, Sortable: (*meta.Field).Sortable}
	size, err := s.count(ctx, s.living(s.table(ctx, r), r, q.Deleted), Counted)
	if err != nil {
		return page, err
	}
	lister := &lister{store: s, resource: r, query: q}
	restricted := q.Search != "" || len(q.Filters) > 0
	switch {
	case size <= Counted && (restricted || q.Readable != nil):
		page.Count, err = s.count(ctx, lister.matching(lister.base(ctx)), Counted)
	case size <= Counted:
		page.Count = size
	default:
		err = lister.prepareLarge(ctx, &page, restricted)
	}
	if err != nil {
		return page, err
	}
	first := q.After == nil && q.Before == nil
	if err := lister.fill(ctx, &page); err != nil || !lister.windowed || q.Search == "" || !first {
		return page, err
	}
	return page, lister.addExact(ctx, &page)
}

// lister reads one part of one list.
type lister struct {
	store    *Store
	resource *meta.Resource
	query    Query
	windowed bool
}

// prepareLarge decides how a large table is read.
func (l *lister) prepareLarge(ctx context.Context, page *Page, restricted bool) error {
	known, err := l.store.indexed(ctx, l.resource)
	if err != nil {
		return err
	}
	page.Sortable = func(f *meta.Field) bool { return f.Sortable() && known[f.Column] }
	if !known[page.Sort.Field.Column] {
		page.SortDenied = true
		page.Sort = l.resource.Sort
		if !known[page.Sort.Field.Column] {
			page.Sort = meta.Sort{Field: l.resource.Key, Desc: true}
		}
		l.query.Sort, l.query.After, l.query.Before = page.Sort, nil, nil
	}
	if !restricted {
		if l.query.Readable == nil {
			page.Count = Counted + 1
		}
		return nil
	}
	narrow := l.base(ctx)
	helped := false
	for _, f := range l.query.Filters {
		if known[f.Field.Column] {
			narrow, helped = f.apply(narrow), true
		}
	}
	if helped {
		n, err := l.store.count(ctx, narrow, Counted)
		if err != nil {
			return err
		}
		if n <= Counted {
			page.Count, err = l.store.count(ctx, l.matching(l.base(ctx)), Counted)
			return err
		}
	}
	l.windowed = true
	return nil
}

func (l *lister) base(ctx context.Context) *gorm.DB {
	tx := l.store.living(l.store.table(ctx, l.resource), l.resource, l.query.Deleted)
	if l.query.Readable != nil {
		tx = tx.Where(l.query.Readable)
	}
	return tx
}

func (l *lister) matching(tx *gorm.DB) *gorm.DB {
	for _, f := range l.query.Filters {
		tx = f.apply(tx)
	}
	if l.query.Search != "" {
		tx = l.store.search(tx, l.resource, l.query.Search)
	}
	return tx
}

// segment is a stretch of the list: the rows with a value in the sorted column come first, those without last. Each is
// read along the index on its own, which a comparison with NULL would prevent.
type segment struct {
	null bool
	from *Position
}

// segments returns what is left to read, in the order of reading.
func (l *lister) segments(backward bool, from *Position) []segment {
	if !l.query.Sort.Field.Optional {
		return []segment{{from: from}}
	}
	all := []segment{{}, {null: true}}
	if backward {
		slices.Reverse(all)
	}
	if from == nil {
		return all
	}
	if all[0].null != (from.Value == nil) {
		all = all[1:]
	}
	all[0].from = from
	return all
}

// fill reads the part that the query asks for, one row more to know whether there are more.
func (l *lister) fill(ctx context.Context, page *Page) error {
	backward, from := l.query.Before != nil, l.query.After
	if backward {
		from = l.query.Before
	}
	var end *Position // of a search that stopped
	want := l.query.Limit + 1
	for _, seg := range l.segments(backward, from) {
		records, stopped, err := l.read(ctx, seg, backward, want-len(page.Records))
		if err != nil {
			return err
		}
		page.Records = append(page.Records, records...)
		if end = stopped; end != nil || len(page.Records) >= want {
			break
		}
	}
	more := len(page.Records) > l.query.Limit
	if more {
		page.Records, end = page.Records[:l.query.Limit], nil
	}
	if end != nil {
		page.Searched = Window
	}
	onward := end
	if more {
		onward = l.position(ctx, page.Records[len(page.Records)-1])
	}
	if !backward {
		page.Next, page.Previous = onward, l.back(ctx, page.Records, from)
		return nil
	}
	slices.Reverse(page.Records)
	page.Previous, page.Next = onward, l.back(ctx, page.Records, from)
	if len(page.Records) > 0 {
		page.Next = l.position(ctx, page.Records[len(page.Records)-1])
	}
	return nil
}

// back is where the part that was come from lies: beside the first row of this one, or beside the place where this
// one began when it has none.
func (l *lister) back(ctx context.Context, records []any, from *Position) *Position {
	switch {
	case from == nil:
		return nil
	case len(records) > 0:
		return l.position(ctx, records[0])
	}
	return from
}

func (l *lister) position(ctx context.Context, record any) *Position {
	return &Position{Value: l.query.Sort.Field.Value(ctx, record), Key: l.resource.Key.Value(ctx, record)}
}

// read reads at most limit rows of a segment. It returns where it stopped, when it did before the end.
func (l *lister) read(ctx context.Context, seg segment, backward bool, limit int) ([]any, *Position, error) {
	if l.windowed {
		return l.readWindow(ctx, seg, backward, limit)
	}
	slice := l.resource.NewSlice()
	tx := l.matching(l.along(l.base(ctx), seg, backward)).Select(l.resource.Stored(false)).Limit(limit)
	if err := tx.Find(slice).Error; err != nil {
		return nil, nil, err
	}
	return meta.Records(slice), nil, nil
}

// along restricts and orders a statement to a segment.
func (l *lister) along(tx *gorm.DB, seg segment, backward bool) *gorm.DB {
	field, key := column(l.query.Sort.Field.Column), column(l.resource.Key.Column)
	desc := l.query.Sort.Desc != backward
	if l.query.Sort.Field == l.resource.Key || seg.null {
		if seg.null {
			tx = tx.Where("? IS NULL", field)
		}
		if seg.from != nil {
			tx = tx.Where("? "+beyond(desc)+" ?", key, seg.from.Key)
		}
		return tx.Order(clause.OrderByColumn{Column: key, Desc: desc})
	}
	if seg.from != nil {
		tx = l.beyond(tx, field, key, desc, seg.from)
	} else if l.query.Sort.Field.Optional {
		tx = tx.Where("? IS NOT NULL", field)
	}
	columns := []clause.OrderByColumn{{Column: field, Desc: desc}, {Column: key, Desc: desc}}
	return tx.Order(clause.OrderBy{Columns: columns})
}

func beyond(desc bool) string {
	if desc {
		return "<"
	}
	return ">"
}

// beyond compares pairs. MySQL finds the range of an index only when the first column is compared on its own.
func (l *lister) beyond(tx *gorm.DB, field, key clause.Column, desc bool, from *Position) *gorm.DB {
	op := beyond(desc)
	if l.store.db.Dialect() == "mysql" {
		return tx.Where("(? "+op+"= ? AND (? "+op+" ? OR ? "+op+" ?))", field, from.Value, field, from.Value, key, from.Key)
	}
	return tx.Where("(?, ?) "+op+" (?, ?)", field, key, from.Value, from.Key)
}

// readWindow looks for matching rows in the next [Window] rows of a segment. The rows in the window are found along an
// index and hold only what is compared; what matches is loaded by its key.
func (l *lister) readWindow(ctx context.Context, seg segment, backward bool, limit int) ([]any, *Position, error) {
	slice := l.resource.NewSlice()
	bounds := l.along(l.base(ctx), seg, backward).Select(l.needed(false)).Offset(Window - 1).Limit(2)
	if err := bounds.Find(slice).Error; err != nil {
		return nil, nil, err
	}
	var end *Position
	if last := meta.Records(slice); len(last) == 2 { // there is a row beyond the last of the window
		end = l.position(ctx, last[0])
	}
	inside := l.along(l.base(ctx), seg, backward).Select(l.needed(true)).Limit(Window)
	matches := l.resource.NewSlice()
	outer := l.store.db.With(ctx).Model(l.resource.New()).Unscoped().Table("(?) AS looked", inside)
	found := l.along(l.matching(outer), segment{null: seg.null}, backward).Select(l.needed(false)).Limit(limit)
	if err := found.Find(matches).Error; err != nil {
		return nil, nil, err
	}
	var keys []any
	for _, record := range meta.Records(matches) {
		keys = append(keys, l.resource.Key.Value(ctx, record))
	}
	records, err := l.store.several(ctx, l.store.table(ctx, l.resource).Select(l.resource.Stored(false)), l.resource, keys)
	return records, end, err
}

// addExact puts the records first that have what was searched for as their key, or as the whole of an indexed column:
// these are found at once, wherever in the table they are.
func (l *lister) addExact(ctx context.Context, page *Page) error {
	known, err := l.store.indexed(ctx, l.resource)
	if err != nil {
		return err
	}
	var exact []any
	find := func(name string, values ...any) error {
		// The filters stand outside: an index on one of them must not be taken for the way to the value.
		there := l.base(ctx).Where("? IN ?", column(name), values).Select(l.resource.Stored(false)).Limit(l.query.Limit)
		tx := l.store.db.With(ctx).Model(l.resource.New()).Unscoped().Table("(?) AS exact", there)
		for _, f := range l.query.Filters {
			tx = f.apply(tx)
		}
		slice := l.resource.NewSlice()
		err := tx.Select(l.resource.Stored(false)).Find(slice).Error
		exact = append(exact, meta.Records(slice)...)
		return err
	}
	text := l.query.Search
	if key, ok := l.resource.ParseKey(text); ok {
		if err := find(l.resource.Key.Column, key); err != nil {
			return err
		}
		if len(exact) > 0 {
			page.Searched = 0 // what was searched for is found; Next leads to other matches
		}
	}
	for _, f := range l.resource.Searchable {
		if known[f.Column] && f != l.resource.Key {
			if err := find(f.Column, text, strings.ToLower(text), strings.ToUpper(text)); err != nil {
				return err
			}
		}
	}
	page.Records = l.distinct(ctx, append(exact, page.Records...))
	return nil
}

// distinct leaves out records that are there already.
func (l *lister) distinct(ctx context.Context, records []any) []any {
	seen := map[string]bool{}
	return slices.DeleteFunc(records, func(record any) bool {
		key := l.resource.KeyOf(ctx, record)
		again := seen[key]
		seen[key] = true
		return again
	})
}

// needed are the columns by which rows are ordered and, if asked, compared.
func (l *lister) needed(compared bool) []string {
	names := []string{l.resource.Key.Column}
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(l.query.Sort.Field.Column)
	if compared {
		for _, f := range l.query.Filters {
			add(f.Field.Column)
		}
		if l.query.Search != "" {
			for _, f := range l.resource.Searchable {
				add(f.Column)
			}
		}
	}
	return names
}
