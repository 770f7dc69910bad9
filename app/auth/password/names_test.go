package password_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/auth/password"
)

func TestCheckRefusesNames(t *testing.T) {
	t.Parallel()
	about := []string{"Shop", "shop.example.test", "lovelace.ada@example.org", "Zoë Müller", "Go"}
	for plain, name := range map[string]string{
		"Shop2026Shop!":                    "shop",
		"shop.example.test":                "shopexampletest",
		"SHOP-EXAMPLE-TEST":                "shopexampletest",
		"5h0p 7gq 20 wkz":                  "shop",
		"s.h.o.p.7gq2wkz":                  "shop",
		"$hop-7gq-2wkz":                    "shop",
		"sh1op7gq2wkzq":                    "shop",
		"lovelace7gq2wkz":                  "lovelace",
		"L0ve1ace!7gq2wk":                  "lovelace",
		"7gq2wk_Muller_z":                  "muller",
		"7gq2wk_müller_z":                  "muller",
		"my shop is best":                  "shop",
		"the shop of seventeen wombats":    "",
		"lovelace eats green tricycles":    "",
		"a gopher digs up old gold":        "", // "Go" has two letters
		"zoë's 7gq2wkz94":                  "", // and "Zoë" three
		"glass hoppers sail the seven sea": "",
		"7gq2wkz94mfpx":                    "",
	} {
		got := password.Check(t.Context(), plain, about...)
		if name == "" && got != "" || name != "" && !strings.Contains(got, "“"+name+"”") && !strings.Contains(got, "your name or your address") {
			t.Errorf("%q: %q, want %q", plain, got, name)
		}
	}
}

// A password that one site refuses is fine at another.
func TestCheckWithoutNames(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"Sh0p-7gq-2wkz", "lovelace7gq2wkz"} {
		if got := password.Check(t.Context(), plain, "Blog", "blog.example.com"); got != "" {
			t.Errorf("%q: %s", plain, got)
		}
	}
}
