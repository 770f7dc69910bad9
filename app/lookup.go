package app

import (
	"context"
	"sync"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/validate"
)

// withLookup returns a context in which the validation tags unique and exists query the database, within the
// transaction that the context of the validation carries.
func (a *App) withLookup(ctx context.Context) context.Context {
	return validate.WithLookup(ctx, a.lookup)
}

// lookup is a [validate.Lookup]. It remembers which tables are soft-deleted from.
type lookup struct {
	db   *database.DB
	soft sync.Map // table → bool
}

// Exists implements [validate.Lookup].
func (l *lookup) Exists(ctx context.Context, q validate.Query) (bool, error) {
	query := l.db.With(ctx).Table(q.Table).Select("1").Limit(1)
	column := clause.Column{Table: q.Table, Name: q.Column}
	if q.Fold {
		query = query.Where(clause.Expr{SQL: "LOWER(?) = LOWER(?)", Vars: []any{column, q.Value}})
	} else {
		query = query.Where(clause.Eq{Column: column, Value: q.Value})
	}
	if q.Except != nil {
		query = query.Where(clause.Neq{Column: clause.Column{Table: q.Table, Name: "id"}, Value: q.Except})
	}
	if q.Live && l.softDeletes(ctx, q.Table) {
		query = query.Where(clause.Eq{Column: clause.Column{Table: q.Table, Name: "deleted_at"}, Value: nil})
	}
	var found []int
	err := query.Scan(&found).Error
	return len(found) > 0, err
}

// softDeletes reports whether the table has a column deleted_at. The schema does
// not change while the application runs.
func (l *lookup) softDeletes(ctx context.Context, table string) bool {
	if known, ok := l.soft.Load(table); ok {
		return known.(bool)
	}
	has := l.db.With(ctx).Migrator().HasColumn(table, "deleted_at")
	l.soft.Store(table, has)
	return has
}
