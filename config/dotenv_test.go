package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDotenvValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"APP_NAME=plain":                            "plain",
		"  export APP_NAME = spaced  ":              "spaced",
		"APP_NAME=":                                 "",
		"APP_NAME=#comment":                         "",
		"APP_NAME=a#b # comment":                    "a#b",
		"APP_NAME=a\t# comment":                     "a",
		"APP_NAME=a=b":                              "a=b",
		`APP_NAME='single # "quoted" \n'`:           `single # "quoted" \n`,
		`APP_NAME="double # \"q\" \\ \n\t\$x é \x"`: "double # \"q\" \\ \n\t$x é \\x",
		"APP_NAME=\"two\nlines\" # comment":         "two\nlines",
		"APP_NAME='two\nlines'":                     "two\nlines",
		"APP_NAME=$HOME":                            "$HOME",
		"\ufeffAPP_NAME=bom\r":                      "bom",
	} {
		got := load(t, map[string]string{".env": text + "\nPORT=1\n"})
		if got.Value.App.Name != want || got.Value.Port != 1 {
			t.Errorf("%s: got %q and port %d", text, got.Value.App.Name, got.Value.Port)
		}
	}
}

func TestDotenvLines(t *testing.T) {
	t.Parallel()
	got := load(t, map[string]string{".env": "\n# one\nA='x\ny'\nPORT=1\n\nRATIO=2"})
	sources := []string{entry(t, got.Entries(), "port").Source, entry(t, got.Entries(), "ratio").Source}
	if diff := cmp.Diff([]string{".env:5", ".env:7"}, sources); diff != "" {
		t.Error(diff)
	}
}

func TestDotenvNeverOverridesTheEnvironment(t *testing.T) {
	t.Parallel()
	if got := load(t, map[string]string{".env": "PORT=1\nAPP_NAME=x\n"}, "PORT=2", "APP_NAME="); got.Value.Port != 2 ||
		got.Value.App.Name != "" {
		t.Errorf("got %+v", got.Value)
	}
}
