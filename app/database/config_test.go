package database_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/config"
)

// TestConfigLoads reads the section as an application does.
func TestConfigLoads(t *testing.T) {
	t.Parallel()
	type application struct{ Database database.Config }
	load := func(environ ...string) (*config.Loaded[application], error) {
		return config.Load[application](config.Options{Dir: t.TempDir(), Environ: environ})
	}
	loaded, err := load("DATABASE_URL=postgres://app:hunter2@db/blog", "DATABASE_MAX_OPEN_CONNS=7",
		"DATABASE_SLOW_QUERY=-1s", "DATABASE_BUSY_TIMEOUT=3s")
	must(t, err)
	want := database.Config{
		URL: "postgres://app:hunter2@db/blog", MaxOpenConns: 7, SlowQuery: -time.Second, BusyTimeout: 3 * time.Second,
		ConnMaxIdleTime: 5 * time.Minute, ConnectTimeout: 5 * time.Second,
	}
	if diff := cmp.Diff(want, loaded.Value.Database); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, entry := range loaded.Entries() {
		if strings.Contains(entry.Value, "hunter2") {
			t.Errorf("%s shows the password: %s", entry.Key, entry.Value)
		}
	}
	if _, err := load("DATABASE_BUSY_TIMEOUT=-3s"); err == nil {
		t.Error("no URL and a negative timeout were accepted")
	}
}
