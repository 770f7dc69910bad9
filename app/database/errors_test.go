package database_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
)

func TestErrorsHaveOneMeaning(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		ada := Author{Name: "Ada", Books: []Book{{Title: "Notes"}}}
		must(t, db.With(t.Context()).Create(&ada).Error)
		for _, c := range []struct {
			name string
			err  error
			want error
		}{
			{"unique", create(t.Context(), db, "Ada"), gorm.ErrDuplicatedKey},
			{"primary key", db.With(t.Context()).Create(&Author{ID: ada.ID, Name: "Bob"}).Error, gorm.ErrDuplicatedKey},
			{"child", db.With(t.Context()).Create(&Book{AuthorID: 99}).Error, gorm.ErrForeignKeyViolated},
			{"parent", db.With(t.Context()).Delete(&ada).Error, gorm.ErrForeignKeyViolated},
			{"check", db.With(t.Context()).Create(&Author{Name: "Cid", Age: -1}).Error, gorm.ErrCheckConstraintViolated},
			{"missing", db.With(t.Context()).First(&Author{}, 99).Error, gorm.ErrRecordNotFound},
		} {
			if !errors.Is(c.err, c.want) {
				t.Errorf("%s: error is %v, want %v", c.name, c.err, c.want)
			}
		}
	})
}

// RESTRICT is not what a foreign key does by default, and some databases tell of it in another way.
func TestRestrictedDeletion(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		ada := Author{Name: "Ada"}
		must(t, db.With(t.Context()).Create(&ada).Error)
		must(t, db.With(t.Context()).Exec("CREATE TABLE reviews (id BIGINT PRIMARY KEY, author_id BIGINT NOT NULL, "+
			"FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE RESTRICT ON UPDATE RESTRICT)").Error)
		must(t, db.With(t.Context()).Exec("INSERT INTO reviews VALUES (1, ?)", ada.ID).Error)
		if err := db.With(t.Context()).Delete(&ada).Error; !errors.Is(err, gorm.ErrForeignKeyViolated) {
			t.Errorf("deleting it: error is %v, want ErrForeignKeyViolated", err)
		}
		err := db.With(t.Context()).Model(&ada).Update("id", 99).Error
		if !errors.Is(err, gorm.ErrForeignKeyViolated) {
			t.Errorf("changing its key: error is %v, want ErrForeignKeyViolated", err)
		}
	})
}

// TestConflict makes two transactions wait for each other's row.
func TestConflict(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		if db.Embedded() {
			return // one writer: there is nothing to wait for in turns
		}
		must(t, create(t.Context(), db, "Ada"))
		must(t, create(t.Context(), db, "Bob"))
		var locked, wg sync.WaitGroup
		locked.Add(2)
		errs := make([]error, 2)
		lock := func(ctx context.Context, name string) error {
			return db.With(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).First(&Author{}, "name = ?", name).Error
		}
		for i, order := range [][2]string{{"Ada", "Bob"}, {"Bob", "Ada"}} {
			wg.Go(func() {
				errs[i] = db.Transaction(t.Context(), func(ctx context.Context) error {
					err := lock(ctx, order[0])
					locked.Done()
					locked.Wait()
					if err != nil {
						return err
					}
					return lock(ctx, order[1])
				})
			})
		}
		wg.Wait()
		err := errors.Join(errs...)
		if !errors.Is(err, database.ErrConflict) {
			t.Errorf("errors are %v, want one ErrConflict", errs)
		}
		if errs[0] != nil && errs[1] != nil {
			t.Errorf("both failed: %v", errs)
		}
	})
}

func TestLogging(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		log, written := newLog()
		db := openLogged(t, database.Config{URL: url}, log)
		must(t, db.With(t.Context()).AutoMigrate(&Author{}, &Book{}))
		const private = "private-value"
		must(t, create(t.Context(), db, private))
		_ = create(t.Context(), db, private)
		_ = db.With(t.Context()).First(&Author{}, "name = ?", "nobody-"+private)
		if got := written.String(); strings.Contains(got, private) {
			t.Errorf("a parameter was logged:\n%s", got)
		} else if strings.Contains(got, "level=ERROR") || !strings.Contains(got, "level=DEBUG") {
			t.Errorf("ordinary operation was logged as\n%s", got)
		}
		_ = db.With(t.Context()).Exec("SELECT * FROM nowhere")
		if got := written.String(); !strings.Contains(got, `level=ERROR msg="query failed" sql="SELECT * FROM nowhere"`) {
			t.Errorf("a failure was logged as\n%s", got)
		}
	})
}

func TestLoggingOfSlowQueries(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		log, written := newLog()
		db := openLogged(t, database.Config{URL: url, SlowQuery: 1}, log)
		must(t, db.With(t.Context()).Exec("SELECT 1").Error)
		if got := written.String(); !strings.Contains(got, `level=WARN msg="slow query" sql="SELECT 1"`) {
			t.Errorf("a slow query was logged as\n%s", got)
		}
		must(t, db.With(database.Background(t.Context())).Exec("SELECT 2").Error)
		if got := written.String(); !strings.Contains(got, `level=DEBUG msg=query sql="SELECT 2"`) {
			t.Errorf("a statement of Covet itself was logged as\n%s", got)
		}
		must(t, db.With(t.Context()).Exec("SELECT '"+strings.Repeat("x", 100_000)+"'").Error)
		if got := written.String(); len(got) > 10_000 || !strings.Contains(got, "… (100009 bytes)") {
			t.Errorf("a long statement was logged with %d bytes", len(got))
		}
	})
}
