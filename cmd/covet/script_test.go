package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/covetgo/covet/cmd/covet/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"covet": func() { os.Exit(cli.Main(os.Args[1:])) },
	})
}

// The scripts in testdata/script are the command line as users see it: what it prints, its exit codes, what is on disk.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, scriptParams(t, testscript.Params{Dir: filepath.Join("testdata", "script")}))
}

// scriptParams adds what every script gets: the go command with its caches but without the network, commands to look
// at exit codes and modes, and an empty git configuration.
func scriptParams(t *testing.T, params testscript.Params) testscript.Params {
	t.Helper()
	settings := goSettings(t)
	params.RequireExplicitExec = true
	params.Setup = func(env *testscript.Env) error {
		env.Vars = append(env.Vars, settings...)
		home := filepath.Join(env.WorkDir, ".home")
		if err := os.Mkdir(home, 0o755); err != nil {
			return err
		}
		env.Setenv("HOME", home)
		// Scripts that change PATH link these into it.
		for name, program := range map[string]string{"COVET": "covet", "SHELL_PATH": "sh"} {
			path, err := exec.LookPath(program)
			if err != nil {
				return err
			}
			env.Setenv(name, path)
		}
		return nil
	}
	params.Cmds = map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "mode": mode}
	return params
}

// goSettings are the variables that the go command needs because scripts have a home folder of their own.
func goSettings(t *testing.T) []string {
	t.Helper()
	// Scripts have no proxy. What only go mod tidy wants to see, such as the tests of other modules, is fetched here.
	if output, err := exec.CommandContext(t.Context(), "go", "mod", "tidy", "-diff").CombinedOutput(); err != nil {
		t.Fatalf("fetching modules by go mod tidy -diff: %v\n%s", err, output)
	}
	names := []string{"GOCACHE", "GOMODCACHE", "GOROOT"}
	output, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(strings.TrimSpace(string(output)), "\n")
	// Without paths in what is compiled, a second run in another temporary folder finds it in the cache.
	settings := []string{
		"GOPROXY=off", "GOFLAGS=-mod=readonly -trimpath", "GOTOOLCHAIN=local", "GIT_CONFIG_NOSYSTEM=1", "NO_COLOR=", "APP_ENV=",
	}
	for i, name := range names {
		settings = append(settings, name+"="+values[i])
	}
	return settings
}

// exits runs covet and compares its exit code: "exits 2 covet new".
func exits(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENT…]")
	}
	// A shell reports the code without depending on how testscript words it.
	script := `"$@"; code=$?; test $code -eq "$0" || { echo "exit code $code, want $0" >&2; exit 1; }`
	err := ts.Exec("sh", append([]string{"-c", script}, args...)...)
	ts.Check(err)
}

// mode compares the permissions of a file: "mode rw------- .env".
func mode(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) != 2 {
		ts.Fatalf("usage: mode PERMISSIONS FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strings.TrimPrefix(info.Mode().Perm().String(), "-"); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}
