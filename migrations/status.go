package migrations

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/covetgo/covet/app/database"
)

// State is the state of a migration.
type State string

const (
	// StateApplied migrations have been applied.
	StateApplied State = "applied"
	// StatePending migrations will be applied by the next Up.
	StatePending State = "pending"
	// StateMissing migrations have been applied but have no file: it was deleted or renamed, or another version of the
	// application migrated the database.
	StateMissing State = "missing"
)

// Status is the status of one migration.
type Status struct {
	// Source is the name of the source.
	Source string `json:"line"`
	// Version is the number at the begin of the file name.
	Version int64 `json:"version"`
	// Name is the file name without version and extension; empty when the file is missing.
	Name string `json:"name"`
	// File is the name of the file; empty when it is missing.
	File string `json:"file"`
	// State is the state of the migration.
	State State `json:"state"`
	// AppliedAt is when it was applied, in UTC; zero while it is pending.
	AppliedAt time.Time `json:"applied_at,omitzero"`
}

// Status returns all migrations, source by source, sorted by version. It changes nothing and takes no lock. If the
// database cannot be reached, the error wraps database.ErrUnavailable.
func (r *Runner) Status(ctx context.Context) ([]Status, error) {
	if err := r.validate(); err != nil {
		return nil, err
	}
	if err := r.db.Ping(ctx); err != nil {
		return nil, err
	}
	var all []Status
	for _, source := range r.sources {
		statuses, err := r.sourceStatus(ctx, source)
		if err != nil {
			return nil, err
		}
		all = append(all, statuses...)
	}
	return all, nil
}

// Pending counts the migrations that Up would apply. It changes nothing and takes no lock.
func (r *Runner) Pending(ctx context.Context) (int, error) {
	all, err := r.Status(ctx)
	count := 0
	for _, s := range all {
		if s.State == StatePending {
			count++
		}
	}
	return count, err
}

func (r *Runner) sourceStatus(ctx context.Context, source Source) ([]Status, error) {
	found, err := source.forDialect(r.db.Dialect())
	if err != nil {
		return nil, err
	}
	history, err := r.history(ctx, source)
	if err != nil {
		return nil, err
	}
	byVersion := map[int64]Status{}
	for _, f := range found {
		byVersion[f.version] = Status{
			Source: source.Name, Version: f.version, Name: f.name, File: f.base, State: StatePending,
		}
	}
	for _, entry := range history {
		s, ok := byVersion[entry.VersionID]
		s.Source, s.Version, s.State, s.AppliedAt = source.Name, entry.VersionID, StateApplied, entry.Tstamp
		if !ok {
			s.State = StateMissing
		}
		byVersion[entry.VersionID] = s
	}
	statuses := make([]Status, 0, len(byVersion))
	for _, version := range slices.Sorted(maps.Keys(byVersion)) {
		statuses = append(statuses, byVersion[version])
	}
	return statuses, nil
}

// entry is a row of goose's version table.
type entry struct {
	VersionID int64
	Tstamp    time.Time
}

// history returns the applied migrations of a source in the order of their application. Before the first Up, which
// creates the table, there are none.
func (r *Runner) history(ctx context.Context, source Source) ([]entry, error) {
	ctx = database.Detach(ctx)
	var tables int64
	err := r.db.With(ctx).Raw(tableQuery[r.db.Dialect()], source.table()).Scan(&tables).Error
	if err != nil || tables == 0 {
		return nil, historyError(source, err)
	}
	var entries []entry
	query := "SELECT version_id, tstamp FROM " + source.table() + " WHERE version_id > 0 ORDER BY id"
	return entries, historyError(source, r.db.With(ctx).Raw(query).Scan(&entries).Error)
}

func historyError(source Source, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("reading which migrations of %s are applied: %w", source.Name, err)
}

// tableQuery counts the tables with a name, by dialect.
var tableQuery = map[string]string{
	"sqlite":   "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?",
	"postgres": "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?",
	"mysql":    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = database() AND table_name = ?",
}
