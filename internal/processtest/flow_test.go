package processtest_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// The same binary, told by its environment: web and worker as processes of their
// own, on a database server and Redis.
func TestWebAndWorkerApart(t *testing.T) {
	t.Parallel()
	for name, server := range map[string]func(testing.TB) string{
		"PostgreSQL": testserver.Postgres,
		"MySQL":      testserver.MySQL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApplication(t, "DATABASE_URL="+server(t), "REDIS_URL="+testserver.Redis(t))
			a.run("migrate", "up")
			worker := a.start("worker")
			web := a.start("serve", "--no-worker")
			a.ready()

			if !a.write("Ada of " + name) {
				t.Fatalf("the form was not taken\n%s", web.output)
			}
			a.waitFor("the mail", 30*time.Second, func() bool {
				_, page := a.get("/dev/mail")
				return strings.Contains(page, "New message from Ada of "+name)
			})

			if code := web.term(); code != 0 {
				t.Errorf("web ends with %d\n%s", code, web.output)
			}
			if code := worker.term(); code != 0 {
				t.Errorf("worker ends with %d\n%s", code, worker.output)
			}
			if strings.Contains(web.output.String(), "job done") || !strings.Contains(worker.output.String(), "job done") {
				t.Errorf("the wrong process worked\nweb:\n%s\nworker:\n%s", web.output, worker.output)
			}
		})
	}
}

// Whatever is killed, and however often: every message that was taken leads to
// its mail, on the embedded queue and on Redis.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string]func(*testing.T) []string{
		"embedded": func(t *testing.T) []string {
			return []string{"DATABASE_URL=sqlite:" + t.TempDir() + "/app.db"}
		},
		"PostgreSQL and Redis": func(t *testing.T) []string {
			return []string{"DATABASE_URL=" + testserver.Postgres(t), "REDIS_URL=" + testserver.Redis(t)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			variables := environ(t)
			a := newApplication(t, variables...)
			a.run("migrate", "up")
			taken := 0
			for round := range 6 {
				p := a.start("serve")
				a.ready()
				for deadline := time.Now().Add(time.Duration(100+round*60) * time.Millisecond); time.Now().Before(deadline); {
					if a.write(fmt.Sprintf("Ada %d", taken)) {
						taken++
					}
				}
				p.kill()
			}
			a.start("serve")
			a.ready()

			db := open(t, strings.TrimPrefix(variables[0], "DATABASE_URL="))
			a.waitFor("every mail", time.Minute, func() bool {
				told := count(t, db, "notified_at IS NOT NULL")
				return told >= int64(taken) && told == count(t, db, "1 = 1")
			})
			t.Logf("%d messages taken, %d stored, all mailed", taken, count(t, db, "1 = 1"))
		})
	}
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(database.Config{URL: url}, slog.New(slog.DiscardHandler),
		sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func count(t *testing.T, db *database.DB, condition string) int64 {
	t.Helper()
	var n int64
	if err := db.With(context.Background()).Model(&models.Message{}).Where(condition).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
