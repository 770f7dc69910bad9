package auth

import (
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/config"
)

func TestConfigValidate(t *testing.T) {
	t.Parallel()
	type whole struct{ Auth Config }
	for name, flags := range map[string]map[string]string{
		"idle":     {"auth.session_idle": "48h", "auth.session_max": "24h"},
		"remember": {"auth.remember_idle": "48h", "auth.remember_max": "24h"},
		"cache":    {"auth.session_cache": "1h"},
	} {
		_, err := config.Load[whole](config.Options{Dir: t.TempDir(), Environ: []string{}, Flags: flags})
		if err == nil || !strings.Contains(err.Error(), "auth.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	loaded, err := config.Load[whole](config.Options{Dir: t.TempDir(), Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	// The zero value means the same as the tags, apart from the cache.
	got := loaded.Value.Auth
	if got.SessionCache != 250*time.Millisecond {
		t.Errorf("session_cache is %s", got.SessionCache)
	}
	got.SessionCache = 0
	if got != (Config{}).withDefaults() {
		t.Errorf("the defaults differ:\n%+v\n%+v", got, Config{}.withDefaults())
	}
}
