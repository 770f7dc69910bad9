package config_test

import (
	"errors"
	"testing"

	"github.com/covetgo/covet/config"
)

// peeked is what another program knows of the configuration of an application.
type peeked struct {
	Port     int
	Database struct{ URL string }
}

func TestPeekPassesOverWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{
		"config/config.yaml": "port: 3000\ncontact:\n  to: [a, b]\ndatabase:\n  url: sqlite:a.db\n  max_open_conns: 3\n",
		".env":               "DATABASE_URI=mine\nDATABASE_URL=sqlite:b.db\n",
	})
	loaded, err := config.Peek[peeked](config.Options{Dir: dir, Environ: []string{"PORT=4000"}})
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Value.Port != 4000 || loaded.Value.Database.URL != "sqlite:b.db" {
		t.Errorf("Peek = %+v, want the values of the highest layers", loaded.Value)
	}
}

func TestPeekStillRefusesFaults(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"config/config.yaml": "port: many\nother: x\n"})
	_, err := config.Peek[peeked](config.Options{Dir: dir, Environ: []string{}})
	var faulty *config.Error
	if !errors.As(err, &faulty) || len(faulty.Faults) != 1 || faulty.Faults[0].Key != "port" {
		t.Errorf("Peek = %v, want the fault of port alone", err)
	}
}

func TestWeakSecret(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"abcdefghijklmnopqrstuvwxyz01234": true, "abcdefghijklmnopqrstuvwxyz012345": false, // 31 and 32 characters
		"abcdefghiabcdefghiabcdefghiabcdefghi": true, // nine different ones
		"":                                     true, "short": true, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": true, config.GenerateSecret(): false,
	} {
		if got := config.WeakSecret(key); got != want {
			t.Errorf("WeakSecret(%q) = %t, want %t", key, got, want)
		}
	}
}
