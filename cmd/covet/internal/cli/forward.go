package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/covetgo/covet/app/exit"
)

// forward builds the application around the working directory and becomes its binary. It returns only when that fails.
func forward(ctx context.Context, s streams, args []string) error {
	app, err := currentProject()
	if err != nil {
		return err
	}
	binary, err := app.build(ctx, s)
	if err != nil {
		return err
	}
	if err := os.Chdir(app.root); err != nil {
		return fmt.Errorf("entering the application: %w", err)
	}
	return become(ctx, binary, args)
}

// build compiles the application into .covet/bin and returns the path of the binary. The compiler's messages go to the
// standard error as they are, when it fails.
func (p project) build(ctx context.Context, s streams) (string, error) {
	goCommand, err := lookGo()
	if err != nil {
		return "", err
	}
	if err := ignoreFolder(filepath.Join(p.root, ".covet")); err != nil {
		return "", fmt.Errorf("preparing the build: %w", err)
	}
	binary := filepath.Join(p.root, ".covet", "bin", p.name)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if _, err := os.Stat(binary); errors.Is(err, os.ErrNotExist) && s.terminal {
		_, _ = fmt.Fprintf(s.err, "Building %s for the first time…\n", p.name)
	}
	return binary, p.compile(ctx, s, goCommand, binary)
}

// compile runs the go command. Two commands that start at once, such as serve and worker, take turns: the second one
// finds the binary up to date.
func (p project) compile(ctx context.Context, s streams, goCommand, binary string) error {
	lock := flock.New(filepath.Join(p.root, ".covet", "build.lock"))
	defer func() { _ = lock.Close() }()
	_, err := lock.TryLockContext(ctx, 20*time.Millisecond)
	if err == nil {
		if _, err := p.generateViews(); err != nil {
			return err
		}
	}
	var output bytes.Buffer
	if err == nil {
		cmd := exec.CommandContext(ctx, goCommand, "build", "-o", binary, "./cmd/"+p.name)
		cmd.Dir, cmd.Stdout, cmd.Stderr = p.root, &output, &output
		err = cmd.Run()
	}
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, "", "stopped while building %s", p.name)
	}
	if err != nil {
		_, _ = s.err.Write(output.Bytes())
		return exit.New(exit.Failure, buildHint(output.String()), "building %s: %w", p.name, err)
	}
	return nil
}

// lookGo finds the go command.
func lookGo() (string, error) {
	path, err := exec.LookPath("go")
	return path, exit.Wrap(exit.Unavailable,
		"Install Go from https://go.dev/dl and make sure that its bin folder is in PATH.", goMissing(err))
}

func goMissing(err error) error {
	if err == nil {
		return nil
	}
	return errors.New("the go command, which builds the application, is not in PATH")
}

// ignored is what git ignores in .covet: all but what belongs to the application, its templates for generators and the
// record of what they wrote.
const ignored = "/*\n!/generated/\n!/templates/\n"

// ignoreFolder makes the folder .covet, in which git ignores what is built, whatever the application's .gitignore says.
func ignoreFolder(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o777); err != nil {
		return err
	}
	path := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, []byte(ignored), 0o666)
}
