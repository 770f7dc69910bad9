// Package build compiles an application with the go command. A build can be stopped, and reports all errors:
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
// All commands of covet that build an application build one at a time: see [Lock].
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
	// Root is the folder of the application, absolute, and Name that of its command in cmd/.
	Root, Name string
	// Go is the go command. Defaults to the one in PATH.
	Go string
	// Folder is the folder of the binaries.
	Folder string
	// Flags are further flags of "go build". Defaults to none.
	Flags []string
	// Environ is the environment of the go command. GOWORK=off is added if Root is in a Go workspace that does not list
	// it. Defaults to that of this process.
	Environ []string
}

// Builder builds one application again and again. It is not safe for concurrent use.
type Builder struct {
	config Config
	last   string // the binary of the last successful build
}

// Result is a successful build.
type Result struct {
	// Binary is the file that was written.
	Binary string
	// Took is the duration of the go command.
	Took time.Duration
}

// New returns a builder.
func New(config Config) *Builder { return &Builder{config: config} }

// places are the folders for binaries: one that runs, one to build, and two for processes that are slow to stop.
var places = [...]string{"a", "b", "c", "d"}

// Build compiles the application. It never writes to a binary that is in use. If the last binary does not run, it is
// updated, which is nearly free when a change was reverted; otherwise another one is written. If the application does
// not compile, the error is an [*Error]. When ctx ends, the go command and all compilers are stopped, and Build returns
// the error of ctx.
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

// interruptTimeout is how long the go command may take to stop after an interrupt, to remove its temporary files.
const interruptTimeout = 2 * time.Second

// Run compiles an application into a binary. The caller holds the lock.
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
		if cut := truncatedPackages(output); len(cut) > 0 { // the compiler stops after ten errors; show all of them
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

// run runs the go command and returns its output.
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

// checkExecutable returns an error if the go command built something other than a command.
func checkExecutable(binary, name string) error {
	file, err := os.Open(binary)
	if err != nil {
		return fmt.Errorf("checking the binary: %w", err)
	}
	defer func() { _ = file.Close() }()
	magic := make([]byte, 8)
	if _, err := file.Read(magic); err == nil && string(magic) == "!<arch>\n" {
		return &Error{
			Text: "cmd/" + name + " is not a command: its package is not main",
			Hint: "Start the files of cmd/" + name + " with \"package main\".", Command: "go build ./cmd/" + name,
		}
	}
	return nil
}
