package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/internal/devlink"
)

// forward builds the application around the working directory and executes its binary. It returns only an error.
func forward(ctx context.Context, s streams, args []string) error {
	app, err := currentProject()
	if err != nil {
		return err
	}
	binary, err := app.build(ctx, s)
	if err != nil {
		return err
	}
	app.recordCommands(ctx, binary)
	if err := os.Chdir(app.root); err != nil {
		return fmt.Errorf("entering the application: %w", err)
	}
	if args[0] != "serve" {
		if err := joinDevServer(ctx, app.root); err != nil {
			return err
		}
	}
	return execBinary(ctx, binary, args)
}

// joinDevServer lets the command share the Redis of a dev server that runs in another terminal: a worker then needs no
// REDIS_URL, and changes of a command to queue and cache are visible to the dev server.
func joinDevServer(ctx context.Context, root string) error {
	link, ok := devlink.Find(ctx, root)
	if !ok {
		return nil
	}
	link.Terminal, link.Color = false, false // the terminal of the dev server is another one
	name, value, _ := strings.Cut(link.Environ(), "=")
	if err := os.Setenv(name, value); err != nil {
		return fmt.Errorf("joining covet serve: %w", err)
	}
	return nil
}

// build compiles the application into .covet/bin and returns the path of the binary. If it fails, the compiler's
// messages are copied to standard error.
func (p project) build(ctx context.Context, s streams) (string, error) {
	goCommand, err := build.FindGo()
	if err != nil {
		return "", err
	}
	if err := build.Prepare(p.root); err != nil {
		return "", err
	}
	binary := filepath.Join(p.root, ".covet", "bin", p.name)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	return binary, p.compile(ctx, s, goCommand, binary)
}

// compile runs the go command. Two commands that start at the same time, such as serve and worker, build one after the
// other: the second one finds the binary up to date.
func (p project) compile(ctx context.Context, s streams, goCommand, binary string) error {
	step := "building " + p.name
	if _, err := os.Stat(binary); errors.Is(err, os.ErrNotExist) {
		step += " for the first time"
	}
	stop := s.progress(step)
	defer stop()
	unlock, err := build.Lock(ctx, p.root)
	if err == nil {
		defer unlock()
		if _, err := p.generateViews(); err != nil {
			return err
		}
		err = build.Run(ctx, build.Config{Root: p.root, Name: p.name, Go: goCommand}, binary)
	}
	stop()
	var failed *build.Error
	switch {
	case ctx.Err() != nil:
		return exit.New(exit.Interrupted, "", "stopped while building %s", p.name)
	case errors.As(err, &failed):
		_, _ = io.WriteString(s.err, failed.Output)
		hint := failed.Hint
		if hint == "" {
			hint = "Fix the errors above and run the command again."
		}
		return exit.Wrap(exit.Failure, hint, err)
	default:
		return err
	}
}
