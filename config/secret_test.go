package config_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/covetgo/covet/config"
)

func TestGenerateSecret(t *testing.T) {
	t.Parallel()
	one, two := config.GenerateSecret(), config.GenerateSecret()
	if key, err := base64.RawURLEncoding.DecodeString(one); err != nil || len(key) != 32 || one == two {
		t.Errorf("got %d bytes, %v", len(key), err)
	}
}

func TestEnsureSecret(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files   map[string]string
		environ []string
		want    string // a pattern; empty when nothing is created
	}{
		"no file":     {nil, nil, `^SECRET_KEY=[\w-]{43}\n$`},
		"other lines": {map[string]string{".env": "# mine\nPORT=1"}, nil, `^# mine\nPORT=1\nSECRET_KEY=[\w-]{43}\n$`},
		"empty value": {
			map[string]string{".env": "\ufeffA=1\r\nexport SECRET_KEY= # fill\r\nB=2\n"},
			nil,
			`^\x{FEFF}A=1\r\nSECRET_KEY=[\w-]{43}\r\nB=2\n$`,
		},
		"in the file":      {map[string]string{".env": "SECRET_KEY='x'\n"}, nil, ""},
		"in the variables": {nil, []string{"SECRET_KEY=x"}, ""},
		"empty variable":   {nil, []string{"SECRET_KEY="}, `^SECRET_KEY=`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, test.files)
			created, err := config.EnsureSecret(dir, test.environ)
			if err != nil || created != (test.want != "") {
				t.Fatalf("got %v, %v", created, err)
			}
			data, err := os.ReadFile(filepath.Join(dir, ".env"))
			if !created {
				if string(data) != test.files[".env"] {
					t.Errorf("the file was changed to %q", data)
				}
				return
			}
			if err != nil || !regexp.MustCompile(test.want).Match(data) {
				t.Errorf("got %q, %v", data, err)
			}
			if info, err := os.Stat(filepath.Join(dir, ".env")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode: %v, %v", info.Mode(), err)
			}
			if again, err := config.EnsureSecret(dir, test.environ); again || err != nil {
				t.Errorf("again: %v, %v", again, err)
			}
		})
	}
}

func TestEnsureSecretLeavesBrokenFiles(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{".env": "what is this\n"})
	if created, err := config.EnsureSecret(dir, nil); created || err == nil {
		t.Errorf("got %v, %v", created, err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, ".env")); err != nil || string(data) != "what is this\n" {
		t.Errorf("got %q, %v", data, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
}

func TestEnsureSecretFollowsLinks(t *testing.T) {
	t.Parallel()
	dir, target := t.TempDir(), filepath.Join(t.TempDir(), "shared.env")
	if err := os.WriteFile(target, []byte("A=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(dir, ".env")); err != nil {
		t.Fatal(err)
	}
	if created, err := config.EnsureSecret(dir, nil); !created || err != nil {
		t.Fatalf("got %v, %v", created, err)
	}
	if info, err := os.Lstat(filepath.Join(dir, ".env")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
}
