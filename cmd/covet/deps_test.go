package main_test

import (
	"os/exec"
	"strings"
	"testing"
)

// The command line starts fast and stays small: what applications need is not linked.
func TestLinksNoServer(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(output))
	for _, unwanted := range []string{
		"github.com/labstack/echo", "gorm.io/", "github.com/hibiken/asynq", "github.com/pressly/goose", "modernc.org/",
		"github.com/jackc/pgx", "github.com/go-sql-driver/mysql", "github.com/danielgtaylor/huma", "testing",
	} {
		for _, path := range linked {
			if path == unwanted || (strings.HasPrefix(path, unwanted) && unwanted != "testing") {
				t.Errorf("%s is linked", path)
			}
		}
	}
	ours := []string{"app/exit", "app/redis", "app/web/style", "config", "scaffold", "cmd/covet", "internal/devlink", "internal/errorpage"}
	for _, path := range linked {
		rest, found := strings.CutPrefix(path, "github.com/covetgo/covet/")
		allowed := !found
		for _, prefix := range ours {
			allowed = allowed || rest == prefix || strings.HasPrefix(rest, prefix+"/")
		}
		if !allowed {
			t.Errorf("%s is linked", path)
		}
	}
}
