package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// application makes the working directory one of an application, and returns it.
func application(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":           "module blog\n\nrequire " + libraryPath + " v0.1.0\n",
		"cmd/blog/main.go": "package main\n\nimport _ \"" + libraryPath + "/app/command\"\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return dir
}

func output(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), streams{in: &bytes.Buffer{}, out: &out, err: &out}, args); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestHelpListsTheCommandsOfTheApplication(t *testing.T) {
	dir := application(t)
	if got := output(t, "--help"); !strings.Contains(got, "listed after its first build") {
		t.Errorf("before the first build the help is\n%s", got)
	}
	binary := filepath.Join(dir, "blog")
	script := "#!/bin/sh\ntest \"$1\" = __complete || exit 1\n" +
		"printf 'serve\\tServe\\nuser\\tManage accounts\\ngreet\\tGreet \\033[2Jsomeone\\n:4\\n'\n"
	if err := os.MkdirAll(filepath.Join(dir, ".covet"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(binary, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	project{root: dir, name: "blog"}.recordCommands(t.Context(), binary)
	got := output(t, "--help")
	for _, want := range []string{"  user        Manage accounts\n", "  greet       Greet [2Jsomeone\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the help has no %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "first build") || strings.Contains(got, "\033") || strings.Count(got, "\n  serve ") != 1 {
		t.Errorf("the help is\n%s", got)
	}
	if got := output(t, "__complete", "us"); !strings.HasPrefix(got, "user\tManage accounts\n") {
		t.Errorf("completed is %q", got)
	}
}

func TestWhatIsNoListOfCommandsIsIgnored(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "ran __complete in /srv/blog\n", "panic: no\n"} {
		if got := parseCommands(text); got != nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
