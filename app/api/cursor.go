package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/app/problem"
)

// Cursor is a request dependency: paging by where the last page ended. It stays
// fast however far one reads, and skips and repeats nothing when rows come and go.
//
//	out.Links, err = in.Find(h.db.With(ctx), &out.Body, "created_at", api.Descending)
//
// The cursor is opaque to clients, and signed, so that they cannot make one up.
type Cursor struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"where the last page ended, as its Link header says"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"length of a page"`

	key []byte
}

// Direction says in which order rows come.
type Direction bool

// The directions.
const (
	Ascending  Direction = false
	Descending Direction = true
)

func (m *Module) resolveCursor(_ context.Context, v reflect.Value) error {
	v.Addr().Interface().(*Cursor).key = m.app.Key("api cursor") //nolint:forcetypeassert // providers are kept by their type
	return nil
}

// Find reads the rows behind the cursor into the slice of models that list points
// to, ordered by a column and, among equals, by the primary key. An index over
// both keeps it fast. The column must not hold NULL, and the query must have no
// order of its own. A cursor that is none, or of another list, is a fault of the
// parameter (422).
func (c Cursor) Find(query *gorm.DB, list any, column string, direction Direction) (Links, error) {
	rows := reflect.ValueOf(list)
	if rows.Kind() != reflect.Pointer || rows.Elem().Kind() != reflect.Slice {
		return Links{}, fmt.Errorf("reading a page into %T: it is no pointer to a slice", list)
	}
	k, err := newKeyset(query, list, column, direction)
	if err != nil {
		return Links{}, fmt.Errorf("reading a page: %w", err)
	}
	query = query.Session(&gorm.Session{})
	if c.Cursor != "" {
		at, id, err := k.open(c.key, c.Cursor)
		if err != nil {
			field := problem.Field{Pointer: "/cursor", Detail: "This is no cursor of this list."}
			return Links{}, problem.Invalid(field).WithCause(err)
		}
		query = query.Where(k.after(at, id))
	}
	if err := query.Order(k.order()).Limit(c.Limit + 1).Find(list).Error; err != nil {
		return Links{}, fmt.Errorf("reading a page: %w", err)
	}
	var links Links
	if truncate(rows.Elem(), c.Limit) {
		next, err := k.seal(query.Statement.Context, c.key, rows.Elem().Index(c.Limit-1))
		if err != nil {
			return links, err
		}
		links.add("next", "cursor", next)
	}
	return links, nil
}

// keyset is an order of rows: by a column, then by the primary key.
type keyset struct {
	table      string
	column, id *schema.Field
	descending bool
}

func newKeyset(query *gorm.DB, list any, column string, direction Direction) (*keyset, error) {
	statement := &gorm.Statement{DB: query}
	if err := statement.Parse(list); err != nil {
		return nil, err
	}
	k := &keyset{
		table:      statement.Schema.Table,
		column:     statement.Schema.LookUpField(column),
		id:         statement.Schema.PrioritizedPrimaryField,
		descending: bool(direction),
	}
	if k.column == nil || k.id == nil {
		return nil, fmt.Errorf("%s has no column %q, or no primary key", statement.Schema.Table, column)
	}
	return k, nil
}

func (k *keyset) order() clause.OrderBy {
	return clause.OrderBy{Columns: []clause.OrderByColumn{
		{Column: k.name(k.column), Desc: k.descending},
		{Column: k.name(k.id), Desc: k.descending},
	}}
}

func (k *keyset) name(f *schema.Field) clause.Column {
	return clause.Column{Table: k.table, Name: f.DBName}
}

// after is the condition for rows after one. Its first part is implied by the
// second, and lets each database read a range of the index.
func (k *keyset) after(at, id any) clause.Expression {
	column, key := k.name(k.column), k.name(k.id)
	if k.descending {
		return clause.And(clause.Lte{Column: column, Value: at},
			clause.Or(clause.Lt{Column: column, Value: at}, clause.Lt{Column: key, Value: id}))
	}
	return clause.And(clause.Gte{Column: column, Value: at},
		clause.Or(clause.Gt{Column: column, Value: at}, clause.Gt{Column: key, Value: id}))
}

const macLength = 16

// mac authenticates a cursor for one order of one table.
func (k *keyset) mac(key, payload []byte) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s\x00%s\x00%v\x00", k.table, k.column.DBName, k.descending)
	_, _ = h.Write(payload) // never fails (hash.Hash)
	return h.Sum(nil)[:macLength]
}

// seal makes the cursor that leads behind a row.
func (k *keyset) seal(ctx context.Context, key []byte, row reflect.Value) (string, error) {
	for row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	at, _ := k.column.ValueOf(ctx, row)
	id, _ := k.id.ValueOf(ctx, row)
	payload, err := json.Marshal([2]any{at, id})
	if err != nil {
		return "", fmt.Errorf("making a cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(append(k.mac(key, payload), payload...)), nil
}

var errCursor = errors.New("the cursor is none")

// open reads a cursor.
//
// Threat: conditions of the client's own making.
func (k *keyset) open(key []byte, cursor string) (at, id any, err error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimSpace(cursor))
	if err != nil || len(data) < macLength || len(key) == 0 ||
		!hmac.Equal(data[:macLength], k.mac(key, data[macLength:])) {
		return nil, nil, errCursor
	}
	pair := [2]reflect.Value{reflect.New(k.column.FieldType), reflect.New(k.id.FieldType)}
	if err := json.Unmarshal(data[macLength:], &[2]any{pair[0].Interface(), pair[1].Interface()}); err != nil {
		return nil, nil, errors.Join(errCursor, err)
	}
	return pair[0].Elem().Interface(), pair[1].Elem().Interface(), nil
}
