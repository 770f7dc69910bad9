package migrations_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/migrations"
)

func TestUpAndDown(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		first := newSource("first", map[string]string{"00001_one.sql": table("one"), "00002_two.sql": table("two")})
		app := newSource("app", map[string]string{
			"20260102030405_three.sql": table("three"),
			"20260203040506_four.sql":  table("four"),
		})
		runner := migrations.NewRunner(db, first, app)

		equal(t, "status at first", states(t, runner), "first/00001_one pending, first/00002_two pending, "+
			"app/20260102030405_three pending, app/20260203040506_four pending")
		if exists(t, db, "app_migrations") {
			t.Error("asking for the status created a table")
		}
		applied, err := runner.Up(t.Context())
		must(t, err)
		equal(t, "applied", summarize(applied),
			"first/00001_one.sql first/00002_two.sql app/20260102030405_three.sql app/20260203040506_four.sql")
		equal(t, "name", applied[2].Name, "three")
		if pending, err := runner.Pending(t.Context()); err != nil || pending != 0 {
			t.Errorf("%d are pending, error %v", pending, err)
		}
		applied, err = runner.Up(t.Context())
		must(t, err)
		equal(t, "applied again", summarize(applied), "")

		undone, err := runner.Down(t.Context(), 1)
		must(t, err)
		equal(t, "rolled back", summarize(undone), "app/20260203040506_four.sql")
		undone, err = runner.Down(t.Context(), 9) // more than there are, and none of the first source
		must(t, err)
		equal(t, "rolled back", summarize(undone), "app/20260102030405_three.sql")
		if exists(t, db, "three") || !exists(t, db, "two") {
			t.Error("the wrong tables are gone")
		}
		undone, err = runner.DownSource(t.Context(), "first", 2)
		must(t, err)
		equal(t, "rolled back", summarize(undone), "first/00002_two.sql first/00001_one.sql")
		if _, err := runner.DownSource(t.Context(), "second", 1); err == nil {
			t.Error("a source that does not exist was accepted")
		}
	})
}

func TestStatusTellsTimes(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{"00001_one.sql": table("one")}))
		before := time.Now().Add(-2 * time.Second)
		_, err := runner.Up(t.Context())
		must(t, err)
		all, err := runner.Status(t.Context())
		must(t, err)
		if at := all[0].AppliedAt; at.Before(before) || at.After(time.Now().Add(2*time.Second)) || at.Location() != time.UTC {
			t.Errorf("applied at %v, it is %v", at, time.Now().UTC())
		}
	})
}

func TestMissingAndLateFiles(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		_, err := migrations.NewRunner(db, newSource("app", map[string]string{
			"00001_one.sql": table("one"), "00003_three.sql": table("three"),
		})).Up(t.Context())
		must(t, err)
		// Version 1 has gone, and merging a branch has brought version 2.
		runner := migrations.NewRunner(db, newSource("app", map[string]string{
			"00002_two.sql": table("two"), "00003_three.sql": table("three"),
		}))
		equal(t, "status", states(t, runner), "app/ missing, app/00002_two pending, app/00003_three applied")
		applied, err := runner.Up(t.Context())
		must(t, err)
		equal(t, "applied", summarize(applied), "app/00002_two.sql")

		// The last one applied is rolled back first; then comes the missing file.
		undone, err := runner.Down(t.Context(), 3)
		equal(t, "rolled back", summarize(undone), "app/00002_two.sql app/00003_three.sql")
		if err == nil || !strings.Contains(err.Error(), "the file of version 1, which is applied, is missing") {
			t.Errorf("error is %v", err)
		}
	})
}

func TestEmptySources(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("kept", nil), migrations.Source{Name: "none", FS: fstest.MapFS{}})
		applied, err := runner.Up(t.Context())
		must(t, err)
		undone, err := runner.Down(t.Context(), 1)
		must(t, err)
		if len(applied)+len(undone) > 0 || states(t, runner) != "" {
			t.Errorf("%v %v %s", applied, undone, states(t, runner))
		}
	})
}

func TestSourcesAreChecked(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		other := map[string]string{"sqlite": "mysql", "mysql": "postgres", "postgres": "mysql"}[db.Dialect()]
		here := db.Dialect() + "/"
		some := &fstest.MapFile{Data: []byte(table("one"))}
		good := newSource("app", nil)
		for _, c := range []struct {
			sources []migrations.Source
			want    string
		}{
			{[]migrations.Source{{Name: "App; DROP", FS: fstest.MapFS{}}}, "expected lower-case letters"},
			{[]migrations.Source{{Name: "app"}}, "file system is nil"},
			{[]migrations.Source{good, good}, `two sources have the name "app"`},
			{
				[]migrations.Source{{Name: "app", FS: fstest.MapFS{other + "/00001_one.sql": some}}},
				"but none for " + db.Dialect(),
			},
			{[]migrations.Source{{Name: "app", FS: fstest.MapFS{here + "one.sql": some}}}, "does not begin with a version"},
			{
				[]migrations.Source{{Name: "app", FS: fstest.MapFS{here + "1_one.sql": some, here + "01_two.sql": some}}},
				"same version",
			},
		} {
			runner := migrations.NewRunner(db, c.sources...)
			_, upErr := runner.Up(t.Context())
			_, statusErr := runner.Status(t.Context())
			for _, err := range []error{upErr, statusErr} {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error is %v, want %q", err, c.want)
				}
			}
		}
	})
}

func TestOneProcessAtATime(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{"00001_one.sql": table("one")}))
		runner.LockTimeout = 50 * time.Millisecond
		lock, err := db.TryLock(t.Context(), "migrate")
		must(t, err)
		_, err = runner.Up(t.Context())
		if !errors.Is(err, database.ErrLocked) ||
			!strings.Contains(err.Error(), "lock is held by another process; it did not finish within 50ms") {
			t.Errorf("error is %v, want ErrLocked and who is in the way", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(300*time.Millisecond, cancel)
		defer timer.Stop()
		runner.LockTimeout = time.Minute
		if _, err := runner.Up(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want the context's", err)
		}
		must(t, lock.Release(t.Context()))

		var wg sync.WaitGroup
		applied := make([][]migrations.Applied, 5)
		errs := make([]error, len(applied))
		for i := range applied {
			wg.Go(func() { applied[i], errs[i] = runner.Up(t.Context()) })
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		total := 0
		for _, a := range applied {
			total += len(a)
		}
		if total != 1 {
			t.Errorf("the migration was applied %d times", total)
		}
	})
}

func TestLibrary(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		library := migrations.Library()
		must(t, library.Check())
		runner := migrations.NewRunner(db, library)
		applied, err := runner.Up(t.Context())
		must(t, err)
		if !exists(t, db, "covet_outbox") || !exists(t, db, "covet_migrations") {
			t.Error("tables are missing")
		}
		undone, err := runner.Down(t.Context(), len(applied))
		must(t, err)
		if len(undone) != len(applied) || exists(t, db, "covet_outbox") {
			t.Errorf("%d of %d were rolled back", len(undone), len(applied))
		}
	})
}

func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://127.0.0.1:1/blog", "mysql://127.0.0.1:1/blog", "sqlite:/dev/null/app.db"} {
		runner := migrations.NewRunner(open(t, url), migrations.Library())
		_, upErr := runner.Up(t.Context())
		_, downErr := runner.Down(t.Context(), 1)
		_, statusErr := runner.Status(t.Context())
		_, pendingErr := runner.Pending(t.Context())
		for _, err := range []error{upErr, downErr, statusErr, pendingErr} {
			if !errors.Is(err, database.ErrUnavailable) {
				t.Errorf("%s: error is %v, want ErrUnavailable", url, err)
			}
		}
	}
}
