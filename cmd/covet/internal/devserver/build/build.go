// Package build compiles an application with the go command, so that whoever waits for it can stop it, and whoever made
// a mistake sees all of them:
//
//	b := build.New(build.Config{Root: "/srv/blog", Name: "blog", Folder: "/srv/blog/.covet/loop/1"})
//	result, err := b.Build(ctx, func(binary string) bool { return binary == running })
//	var failed *build.Error
//	if errors.As(err, &failed) {
//		for _, p := range failed.Problems {
//			fmt.Println(p.File, p.Line, p.Column, p.Message)
//		}
//	}
//
// All commands of covet that build an application take turns: see [Lock].
package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
	"github.com/covetgo/covet/cmd/covet/internal/workspace"
)

// Config says what to build. The zero value of a field means its default.
type Config struct {
	// Root is the folder of the application, absolute, and Name that of its command below cmd/.
	Root, Name string
	// Go is the go command. Defaults to the one in PATH.
	Go string
	// Folder is where binaries go.
	Folder string
	// Flags are further flags of "go build". Defaults to none.
	Flags []string
	// Environ is the environment of the go command, to which GOWORK=off is added when Root is in a Go workspace that does
	// not name it. Defaults to that of this process.
	Environ []string
}

// Builder builds one application again and again. It is not safe for concurrent use.
type Builder struct {
	config Config
	last   string // the binary of the last build that succeeded
}

// Result is a build that succeeded.
type Result struct {
	// Binary is the file that was written.
	Binary string
	// Took is how long the go command ran.
	Took time.Duration
}

// New returns a builder.
func New(config Config) *Builder { return &Builder{config: config} }

// places are the folders for binaries: one to run, one to build, and two for processes that take long to end.
var places = [...]string{"a", "b", "c", "d"}

// Build compiles the application. It never writes to a binary that is used: the last one is brought up to date unless
// it runs, which costs next to nothing when a change was reverted; otherwise another one is written. An application
// that does not compile is an [*Error]; when ctx ends, the go command and all compilers are stopped, and the error is
// that of ctx.
func (b *Builder) Build(ctx context.Context, used func(binary string) bool) (Result, error) {
	binary := b.nextBinary(used)
	if err := os.MkdirAll(filepath.Dir(binary), 0o777); err != nil {
		return Result{}, &Error{Text: err.Error(), Hint: unwritableHint, Command: "go build"}
	}
	began := time.Now()
	err := Run(ctx, b.config, binary)
	if err != nil {
		return Result{}, err
	}
	b.last = binary
	return Result{Binary: binary, Took: time.Since(began)}, nil
}

func (b *Builder) nextBinary(used func(string) bool) string {
	if b.last != "" && !used(b.last) {
		return b.last
	}
	name := b.config.Name
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	var binary string
	for _, place := range places {
		binary = filepath.Join(b.config.Folder, place, name)
		if !used(binary) {
			break
		}
	}
	return binary
}

// interruptTimeout is how long the go command may take to end after an interrupt: it removes its temporary files.
const interruptTimeout = 2 * time.Second

// Run compiles an application into a binary, under whatever lock the caller holds.
func Run(ctx context.Context, config Config, binary string) error {
	if config.Go == "" {
		path, err := FindGo()
		if err != nil {
			return err
		}
		config.Go = path
	}
	args := append([]string{"build", "-o", binary}, config.Flags...)
	began := time.Now()
	output, err := run(ctx, config, append(args, "./cmd/"+config.Name))
	if err == nil {
		return checkExecutable(binary, config.Name)
	}
	if ctx.Err() == nil {
		if cut := truncatedPackages(output); len(cut) > 0 { // the compiler stops after ten errors; now it shall show all
			for _, pkg := range cut {
				args = append(args, "-gcflags="+pkg+"=-e")
			}
			if more, again := run(ctx, config, append(args, "./cmd/"+config.Name)); again != nil && ctx.Err() == nil {
				output = more
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return newError(config, output, err, time.Since(began))
}

// run runs the go command and returns what it printed.
func run(ctx context.Context, config Config, args []string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	environ := config.Environ
	if environ == nil {
		environ = os.Environ()
	}
	var output bytes.Buffer
	p, err := process.Start(process.Command{
		Path: config.Go, Args: args, Dir: config.Root, Environ: workspace.Environ(config.Root, environ),
		Output: &output, Interrupt: true,
	})
	if err != nil {
		return "", err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Stop(interruptTimeout)
		<-p.Done()
		return output.String(), ctx.Err()
	}
	if p.Exit().Code != 0 {
		return output.String(), errors.New(p.Exit().Text)
	}
	return output.String(), nil
}

// truncatedPackages returns the import paths of the packages whose list of errors the compiler has truncated.
func truncatedPackages(output string) []string {
	var packages []string
	current := ""
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if path, found := strings.CutPrefix(line, "# "); found {
			current, _, _ = strings.Cut(path, " ")
		} else if strings.HasSuffix(line, "too many errors") && current != "" {
			packages = append(packages, current)
		}
	}
	return packages
}

// checkExecutable finds out when the go command was content with less than a command.
func checkExecutable(binary, name string) error {
	file, err := os.Open(binary)
	if err != nil {
		return fmt.Errorf("looking at the binary: %w", err)
	}
	defer func() { _ = file.Close() }()
	magic := make([]byte, 8)
	if _, err := file.Read(magic); err == nil && string(magic) == "!<arch>\n" {
		return &Error{
			Text: "cmd/" + name + " is no command: its package is not main",
			Hint: "Begin the files of cmd/" + name + " with \"package main\".", Command: "go build ./cmd/" + name,
		}
	}
	return nil
}
