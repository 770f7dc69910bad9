package app_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/config"
)

func TestFilesAreStoredInTheDataFolder(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	a := newApp(t, cfg)
	if err := a.Storage.Put(t.Context(), "a/b", strings.NewReader("text")); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(filepath.Join(cfg.App.DataDir, "files", "a", "b")); err != nil ||
		string(content) != "text" {
		t.Errorf("the file holds %q, %v", content, err)
	}
}

func TestStorageURL(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.Storage.URL = "file:///var/lib/blog/files"
	if folder, ok := newApp(t, cfg).Storage.(*storage.Folder); !ok || folder.Path() != "/var/lib/blog/files" {
		t.Errorf("files are stored in %+v", folder)
	}
	_, err := config.Load[covet.Config](config.Options{
		Dir:     t.TempDir(),
		Environ: []string{"DATABASE_URL=sqlite:x.db", "STORAGE_URL=s3://key:hunter2@bucket"},
	})
	var invalid *config.Error
	if !errors.As(err, &invalid) || !strings.Contains(err.Error(), `storage.url`) ||
		!strings.Contains(err.Error(), `scheme "s3"`) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an unknown store: %v", err)
	}
}

// elsewhere is a store that is no folder.
type elsewhere struct{ storage.Store }

// A folder of one machine is worth a warning in production, and another store is not.
func TestProductionWarnsOfTheFolder(t *testing.T) {
	t.Parallel()
	for _, store := range []storage.Store{nil, elsewhere{}} {
		var log bytes.Buffer
		cfg := testConfig(t)
		cfg.App.Env = config.Production
		cfg.Override.LogOutput = &log
		a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}, Storage: store})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(a.Start(t.Context(), covet.Roles{}), a.Stop(context.Background())); err != nil {
			t.Fatal(err)
		}
		if warned := strings.Contains(log.String(), "files are stored in"); warned != (store == nil) {
			t.Errorf("with %T the log says\n%s", store, log.String())
		}
	}
}
