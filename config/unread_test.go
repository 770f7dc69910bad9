package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/covetgo/covet/config"
)

// What a file that cannot be read may hold is not reported as missing.
func TestUnreadFileIsTheOnlyFault(t *testing.T) {
	t.Parallel()
	type needy struct {
		Name string `required:"true"`
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "config"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config", "config.yaml"), []byte("name: [unclosed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load[needy](config.Options{Dir: dir, Environ: []string{}})
	var invalid *config.Error
	if !errors.As(err, &invalid) || len(invalid.Faults) != 1 || invalid.Faults[0].Key != "" {
		t.Errorf("faults = %v, want the file's alone", err)
	}
}
