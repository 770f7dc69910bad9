package password_test

import (
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/auth/password"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const (
		fine     = ""
		short    = "at least 12"
		long     = "at most 128"
		common   = "most common"
		easy     = "easy to guess"
		personal = "your name or your address"
	)
	about := []string{"ann.smith@example.com", "Ann Smith", "Blog"}
	for plain, want := range map[string]string{
		"wombat sails the seas":              fine,
		"correcthorsebatterystaple":          fine,
		"ваш кот любит гулять":               fine,
		"日本語のパスワードは長い":                       fine,
		"😀🐘🎈🚲🌍🍕🎸🚀🐙🌵🏠🔑":                       fine,
		"7qXw-92kf-Lmz4":                     fine,
		"839201746523":                       fine,
		"            x  y z q v t r":         fine,
		strings.Repeat("long words ", 11):    fine,
		strings.Repeat("\ufdfa", 128):        long, // which would become 2304
		"":                                   short,
		"elevenchars":                        short,
		"日本語日本語日本語日本":                        short,
		strings.Repeat("e\u0301", 8):         short, // eight letters in sixteen code points
		strings.Repeat("\ufdfa", 4):          short, // four that become 72
		strings.Repeat("a", 128) + "b":       long,
		"1qaz2wsx3edc":                       common,
		"1QAZ2wsx3EDC":                       common,
		"LeaveMeAlone":                       common,
		"aaaaaaaaaaaa":                       easy,
		"            ":                       easy,
		"ababababababab":                     easy,
		"k7x!k7x!k7x!":                       easy,
		"123456789012":                       common,
		"234567890123":                       easy,
		"210987654321":                       easy,
		"abcdefghijklm":                      easy,
		"zyxwvutsrqpo":                       easy,
		"qwertyuiopas":                       easy,
		"йцукенгшщзхъ":                       easy,
		"password1234":                       common,
		"password4321":                       easy,
		"P@ssw0rd1234":                       easy,
		"ｐａｓｓｗｏｒｄ１２３４":                       common, // full width
		"iloveyou2024!":                      easy,
		"Summer2024!!!":                      easy,
		"Welcome12345!":                      easy,
		"dragonmonkey":                       easy,
		"ann.smith@example.com":              personal,
		"ANN.SMITH@EXAMPLE.COM":              personal,
		"annsmith1987":                       personal,
		"Ann-Smith-Ann-Smith":                personal,
		"4nn5m1th4nn5m1th":                   easy,
		"smithsmithblog":                     personal,
		"ann smith eats seventeen wombats":   fine,
		"example.com blog ann":               personal,
		"abcdefghijkl\xff":                   "cannot be read",
		"Tr0ub4dor&3 rides a green tricycle": fine,
	} {
		got := password.Check(t.Context(), plain, about...)
		if want == "" && got != "" || want != "" && !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", plain, got, want)
		}
	}
}

// Without composition rules: one kind of character is as good as another.
func TestCheckDemandsNoKindOfCharacter(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"vogkelprimtusa", "VOGKELPRIMTUSA", "&(*!^%;:.?#=", "604829173850"} {
		if message := password.Check(t.Context(), plain); message != "" {
			t.Errorf("%q: %s", plain, message)
		}
	}
}

// The attack: a password that makes the check itself expensive.
func TestCheckIsQuick(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{
		strings.Repeat("a", 128), strings.Repeat("ab1", 42), strings.Repeat("\ufdfa", 128),
		strings.Repeat("password", 16), strings.Repeat("x", 1<<20), strings.Repeat("12345678901qaz2wsx3edc4rfv", 4),
	} {
		begun := time.Now()
		password.Check(t.Context(), plain, strings.Repeat("ab ", 1000))
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%.20q… took %v", plain, took)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"password1234", "wombat sails the seas", "\xff", strings.Repeat("\ufdfa", 20), "19", "2", "!1|"} {
		f.Add(seed, "ann@example.com")
	}
	f.Fuzz(func(t *testing.T, plain, about string) {
		if plain == about && password.Check(t.Context(), plain, about) == "" && strings.Trim(plain, "abcdefghijklmnopqrstuvwxyz") == "" {
			t.Errorf("%q may be the password of %q", plain, about)
		}
		if password.Check(t.Context(), plain, about) == "" && password.Check(t.Context(), plain) != "" {
			t.Errorf("%q is accepted only for a person called %q", plain, about)
		}
	})
}
