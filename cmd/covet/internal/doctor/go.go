package doctor

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/covetgo/covet/cmd/covet/internal/workspace"
)

const installGo = "install Go from https://go.dev/dl"

func (in *inspection) readMod() (*modfile.File, error) {
	text, err := os.ReadFile(filepath.Join(in.Root, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("reading go.mod: %w", err)
	}
	file, err := modfile.Parse("go.mod", text, nil) // unlike ParseLax it reads replacements
	if err != nil {
		return nil, fmt.Errorf("reading go.mod: %w", err)
	}
	return file, nil
}

// required returns the version in which go.mod requires a module, or "".
func required(file *modfile.File, module string) string {
	for _, require := range file.Require {
		if require.Mod.Path == module {
			return require.Mod.Version
		}
	}
	return ""
}

// outputDelay is how long to wait for the output of a program that has exited. It bounds the wait for a child that
// holds the output open, and is long enough for a busy machine.
const outputDelay = 2 * time.Second

// output runs a program in a folder and returns its output without surrounding white space. If the program times out,
// that is recorded and becomes the result of the check.
func (in *inspection) output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, in.Environ, outputDelay
	text, err := cmd.Output()
	if ctx.Err() != nil {
		recordLate(ctx, strings.Join(append([]string{name}, args...), " "))
	}
	return strings.TrimSpace(string(text)), err
}

// commandError returns the error of a program: the first line of its standard error, or its exit status.
func commandError(err error) string {
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		if line, _, _ := strings.Cut(strings.TrimSpace(string(ended.Stderr)), "\n"); line != "" {
			return line
		}
	}
	return err.Error()
}

func checkGo(ctx context.Context, p *inspection) outcome {
	if _, err := exec.LookPath("go"); err != nil {
		return failed("the go command, which builds the application, is not in PATH",
			installGo+" and add its bin folder to PATH")
	}
	file, err := p.mod()
	if err != nil {
		return failed(err.Error(), "fix go.mod")
	}
	// Run outside of the module: inside a module that requires a newer Go, the command would download that first.
	text, err := p.output(ctx, string(filepath.Separator), "go", "env", "GOVERSION", "GOTOOLCHAIN")
	have, toolchain, _ := strings.Cut(text, "\n")
	if err != nil {
		return failed("go env GOVERSION fails: "+commandError(err), "run it to see why: go env GOVERSION")
	}
	if have == "" {
		return failed("go env GOVERSION prints nothing: the go command in PATH is older than Go 1.16", installGo)
	}
	have, _, _ = strings.Cut(have, " ")
	return compareGo(file, have, toolchain)
}

// checkWorkspace finds a go.work file that makes go commands refuse the application. Covet's own commands ignore it.
func checkWorkspace(_ context.Context, p *inspection) outcome {
	if file := workspace.Foreign(p.Root, p.Environ); file != "" {
		return warning(file+" does not list the application: covet ignores it, but go build fails",
			"go work use . (or set GOWORK=off)")
	}
	return passed("no go.work file interferes")
}

// compareGo compares the version of Go with the one that go.mod requires. With GOTOOLCHAIN=local, only the installed
// toolchain is available; otherwise newer ones are downloaded.
func compareGo(file *modfile.File, have, toolchain string) outcome {
	need, preferred := "", ""
	if file.Go != nil {
		need = "go" + file.Go.Version
	}
	if file.Toolchain != nil {
		preferred = file.Toolchain.Name
	}
	fetches := toolchain == "auto" || strings.HasSuffix(toolchain, "+auto")
	older := func(than string) bool { return version.IsValid(than) && version.Compare(have, than) < 0 }
	switch {
	case older(need) && fetches:
		return warning(have+" is older than the "+need+" of go.mod, which will be downloaded", installGo)
	case older(need):
		return failed(have+" is older than the "+need+" of go.mod", installGo+", or allow downloading it: GOTOOLCHAIN=auto")
	case older(preferred):
		return warning(have+" is older than the toolchain "+preferred+" of go.mod", installGo)
	default:
		return passed(have)
	}
}
