package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/internal/devlink"
)

// Under the dev server assets are those on disk; anywhere else those that were built in, whatever is in the
// folder.
func TestAssetsFollowTheDevServerOnly(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]string{
		config.Development: "edited", config.Test: "built",
		config.Production: "built",
	} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			path := filepath.Join(root, "app", "assets", "css", "app.css")
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("edited"), 0o644); err != nil {
				t.Fatal(err)
			}
			cfg := testConfig(t)
			cfg.App.Env, cfg.Bind = env, "127.0.0.1"
			cfg.DevServer = &devlink.Link{Control: "http://127.0.0.1:1", Token: "x", Public: "http://localhost:8000", Root: root}
			a, err := covet.New(cfg, covet.Options{
				Drivers: []database.Driver{sqlite.Driver{}},
				Assets:  web.MustAssets(fstest.MapFS{"css/app.css": {Data: []byte("built")}}, "/assets/"),
			})
			if err != nil {
				t.Fatal(err)
			}
			base := start(t, a, covet.Roles{Web: true})
			if got := do(t, "GET", base+"/assets/css/app.css", "*/*"); !strings.Contains(got.body, want) {
				t.Errorf("the stylesheet is %q, want %q", got.body, want)
			}
		})
	}
}
