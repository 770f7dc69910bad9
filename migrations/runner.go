package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"slices"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/covetgo/covet/app/database"
)

// Runner applies sources of migrations to one database. It is safe for concurrent use, in any number of processes: the
// database lock "migrate" lets them migrate one at a time.
type Runner struct {
	// LockTimeout is how long Up and Down wait for another process that is migrating. Set it before use. Defaults to
	// one minute.
	LockTimeout time.Duration
	// Resume says how Up handles a partly applied file. Defaults to RefuseResume.
	Resume Resume

	db      *database.DB
	sources []Source
}

// NewRunner returns a runner of sources in the given order: the library's first, the application's last.
func NewRunner(db *database.DB, sources ...Source) *Runner {
	return &Runner{LockTimeout: time.Minute, db: db, sources: sources}
}

// Applied is a migration that was applied or, by Down, reverted.
type Applied struct {
	// Source is the name of the source.
	Source string `json:"line"`
	// Version is the number at the begin of the file name.
	Version int64 `json:"version"`
	// Name is the file name without version and extension: create_posts.
	Name string `json:"name"`
	// File is the name of the file.
	File string `json:"file"`
	// Duration is how long it took.
	Duration time.Duration `json:"duration"`
}

// Up applies all pending migrations, source by source, in the order of their versions. When one fails, Up stops and
// returns an *Error together with the migrations that were applied before, which stay applied. If another process holds
// the lock for longer than LockTimeout, the error wraps database.ErrLocked.
func (r *Runner) Up(ctx context.Context) (applied []Applied, err error) {
	err = r.locked(ctx, func(pool *sql.DB) error {
		for _, source := range r.sources {
			done, err := r.upSource(ctx, pool, source)
			applied = append(applied, done...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return applied, err
}

// Down reverts the last n migrations of the last source, the application's, latest first. It returns the reverted
// migrations, fewer than n if there are no more.
func (r *Runner) Down(ctx context.Context, n int) ([]Applied, error) {
	if len(r.sources) == 0 {
		return nil, nil
	}
	return r.DownSource(ctx, r.sources[len(r.sources)-1].Name, n)
}

// DownSource reverts migrations of the named source like Down. Reverting migrations of the library removes its tables
// with their contents, on which later sources may depend.
func (r *Runner) DownSource(ctx context.Context, name string, n int) (undone []Applied, err error) {
	for _, source := range r.sources {
		if source.Name != name {
			continue
		}
		err = r.locked(ctx, func(pool *sql.DB) error {
			undone, err = r.downSource(ctx, pool, source, n)
			return err
		})
		return undone, err
	}
	return nil, fmt.Errorf("migrating down: no source %q", name)
}

// locked runs work with the migration lock and connections of its own.
func (r *Runner) locked(ctx context.Context, work func(*sql.DB) error) (err error) {
	if err := r.validate(); err != nil {
		return err
	}
	if err := r.db.Ping(ctx); err != nil {
		return err // it contains the server and a hint
	}
	lock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	pool, err := r.db.MigrationPool()
	if err != nil {
		return errors.Join(err, lock.Release(context.WithoutCancel(ctx)))
	}
	defer func() {
		err = errors.Join(err, pool.Close(), lock.Release(context.WithoutCancel(ctx)))
	}()
	return work(pool)
}

// lock acquires the migration lock and waits for another process if necessary.
func (r *Runner) lock(ctx context.Context) (*database.Lock, error) {
	lock, err := r.db.TryLock(ctx, "migrate")
	if errors.Is(err, database.ErrLocked) {
		start := time.Now()
		waiting, cancel := context.WithTimeout(ctx, r.LockTimeout)
		defer cancel()
		lock, err = r.db.Lock(waiting, "migrate")
		if errors.Is(err, context.DeadlineExceeded) && time.Since(start) >= r.LockTimeout {
			return nil, fmt.Errorf("migrating %s: %w; it did not finish within %s: wait for it or stop it",
				r.db.Server(), database.ErrLocked, r.LockTimeout)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("migrating %s: %w", r.db.Server(), err)
	}
	return lock, nil
}

// validate validates the sources before anything is changed.
func (r *Runner) validate() error {
	seen := map[string]bool{}
	for _, source := range r.sources {
		if err := source.validate(); err != nil {
			return err
		}
		if seen[source.Name] {
			return fmt.Errorf("checking migrations: two sources have the name %q", source.Name)
		}
		seen[source.Name] = true
	}
	return nil
}

// upSource applies the pending migrations of one source.
func (r *Runner) upSource(ctx context.Context, pool *sql.DB, source Source) ([]Applied, error) {
	found, err := source.forDialect(r.db.Dialect())
	if err != nil || len(found) == 0 {
		return nil, err
	}
	if err := r.checkPending(ctx, source, found); err != nil {
		return nil, err
	}
	rest, done, err := r.resume(ctx, source, found)
	if err != nil {
		return nil, err
	}
	var saveErr error
	statements := &recorder{begun: func(ctx context.Context, base string, begun []string) {
		if n := committed(r.db.Dialect(), r.withoutTransaction(source, base), begun); n > 0 && saveErr == nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
			defer cancel()
			version := versionOf(found, base)
			saveErr = r.saveProgress(ctx, source, version, append(slices.Clone(done[version]), begun[:n]...))
		}
	}}
	provider, err := r.provider(pool, rest, statements)
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		failure := errors.Join(r.failure(rest, partial, statements), saveErr)
		return named(source, partial.Applied), errors.Join(failure, r.forgetApplied(ctx, source, partial.Applied))
	}
	if err != nil {
		return nil, fmt.Errorf("migrating %s up: %w", source.Name, err)
	}
	return named(source, results), r.forgetApplied(ctx, source, results)
}

// forgetApplied deletes the stored progress of files that have been applied.
func (r *Runner) forgetApplied(ctx context.Context, source Source, results []*goose.MigrationResult) error {
	known, err := r.loadProgress(ctx, source)
	for _, result := range results {
		if _, ok := known[result.Source.Version]; ok && err == nil {
			err = r.forgetProgress(ctx, source, result.Source.Version)
		}
	}
	return err
}

// withoutTransaction reports whether a file has the annotation NO TRANSACTION.
func (r *Runner) withoutTransaction(source Source, base string) bool {
	content, err := fs.ReadFile(source.FS, path.Join(r.db.Dialect(), base))
	return err == nil && noTransactionAnnotation.Match(content)
}

func versionOf(found []file, base string) int64 {
	for _, f := range found {
		if f.base == base {
			return f.version
		}
	}
	return 0
}

// checkPending refuses pending migrations without statements: once applied, they would never run again.
func (r *Runner) checkPending(ctx context.Context, source Source, found []file) error {
	history, err := r.history(ctx, source)
	if err != nil {
		return err
	}
	applied := map[int64]bool{}
	for _, entry := range history {
		applied[entry.VersionID] = true
	}
	for _, f := range found {
		if applied[f.version] {
			continue
		}
		if err := source.checkWritten(path.Join(r.db.Dialect(), f.base)); err != nil {
			return err
		}
	}
	return nil
}

// downSource reverts the latest n migrations of one source, one by one.
func (r *Runner) downSource(ctx context.Context, pool *sql.DB, source Source, n int) (undone []Applied, err error) {
	history, err := r.history(ctx, source)
	if err != nil {
		return nil, err
	}
	found, err := source.forDialect(r.db.Dialect())
	if err != nil {
		return nil, err
	}
	for i := len(history) - 1; i >= 0 && len(undone) < n; i-- {
		version := history[i].VersionID
		if !hasVersion(found, version) {
			return undone, fmt.Errorf("migrating %s down: the file of version %d, which is applied, is missing; "+
				"restore it to revert the migration", source.Name, version)
		}
		statements := &recorder{}
		provider, err := r.provider(pool, source, statements)
		if err != nil {
			return undone, err
		}
		result, err := provider.ApplyVersion(ctx, version, false)
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			return undone, r.failure(source, partial, statements)
		}
		if err != nil {
			return undone, fmt.Errorf("migrating %s down: %w", source.Name, err)
		}
		undone = append(undone, named(source, []*goose.MigrationResult{result})...)
	}
	return undone, nil
}

func hasVersion(found []file, version int64) bool {
	for _, f := range found {
		if f.version == version {
			return true
		}
	}
	return false
}

// provider returns goose's provider of a source.
func (r *Runner) provider(pool *sql.DB, source Source, statements *recorder) (*goose.Provider, error) {
	folder, err := fs.Sub(source.FS, r.db.Dialect())
	if err != nil {
		return nil, fmt.Errorf("reading the migrations of %s: %w", source.Name, err)
	}
	provider, err := goose.NewProvider(gooseDialect(r.db.Dialect()), pool, folder,
		goose.WithTableName(source.table()),
		goose.WithDisableGlobalRegistry(true),
		goose.WithAllowOutofOrder(true),
		goose.WithVerbose(true), goose.WithSlog(slog.New(statements)),
	)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations of %s: %w", source.Name, err)
	}
	return provider, nil
}

func gooseDialect(dialect string) goose.Dialect {
	if dialect == "sqlite" {
		return goose.DialectSQLite3
	}
	return goose.Dialect(dialect)
}

func named(source Source, results []*goose.MigrationResult) []Applied {
	applied := make([]Applied, 0, len(results))
	for _, result := range results {
		f := fileOf(result.Source)
		applied = append(applied, Applied{
			Source: source.Name, Version: f.version, Name: f.name, File: f.base, Duration: result.Duration,
		})
	}
	return applied
}
