package doctor

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/source"
)

// checkConfiguration runs the application's own check, if it is built: only the application has all of its keys.
func checkConfiguration(ctx context.Context, p *inspection) outcome {
	if _, err := p.settings(); err != nil {
		return failed(reason(err), "fix it, then run: covet config")
	}
	name := p.Name
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(p.Root, ".covet", "bin", name)
	current, err := p.isCurrent(binary)
	if err != nil {
		return warning("not checked: "+err.Error(), "covet config")
	}
	if !current {
		return warning("the application's own keys are not checked: it must be built first", "covet config")
	}
	foreign, err := p.isForeign(ctx, name)
	switch {
	case err != nil:
		return gitFails(err)
	case foreign:
		return warning("not checked: .covet/bin/"+name+
			" may come from the repository: git tracks it, or it is a symbolic link", "covet config")
	}
	return p.askConfig(ctx, binary)
}

// isForeign reports whether the binary may come from the repository. Threat: the author of a repository runs a program
// on the machine of each user who examines it. It returns an error if git fails.
func (in *inspection) isForeign(ctx context.Context, name string) (bool, error) {
	at := in.Root
	for _, element := range []string{".covet", "bin", name} {
		at = filepath.Join(at, element)
		info, err := os.Lstat(at)
		if err != nil || info.IsDir() == (element == name) || !info.IsDir() && !info.Mode().IsRegular() {
			return true, nil
		}
	}
	inside, installed, err := in.inGit(ctx)
	if err != nil {
		return false, err
	}
	if !inside {
		_, err := os.Lstat(filepath.Join(in.Root, ".git"))
		return !installed && err == nil, nil
	}
	_, err = in.output(ctx, in.Root, "git", "-c", "core.fsmonitor=false", "ls-files",
		"--error-unmatch", "--", ".covet/bin/"+name)
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 1 { // the status for an untracked file
		return false, nil
	}
	return err == nil, err
}

// isCurrent reports whether a binary exists and is newer than every file of the application.
func (in *inspection) isCurrent(binary string) (bool, error) {
	built, err := os.Stat(binary)
	if err != nil || !built.Mode().IsRegular() {
		return false, nil //nolint:nilerr // it is not built
	}
	current := true
	err = source.Walk(in.Root, func(name string) error {
		if extension := filepath.Ext(name); extension != ".go" && extension != ".templ" &&
			name != "go.mod" && name != "go.sum" {
			return nil
		}
		info, err := os.Stat(filepath.Join(in.Root, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if info.ModTime().After(built.ModTime()) {
			current = false
			return filepath.SkipAll
		}
		return nil
	})
	return current, err
}

func (in *inspection) askConfig(ctx context.Context, binary string) outcome {
	cmd := exec.CommandContext(ctx, binary, "config")
	cmd.Dir, cmd.Env, cmd.WaitDelay = in.Root, in.Environ, outputDelay
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	var ended *exec.ExitError
	switch {
	case err == nil:
		return passed("the application accepts it")
	case ctx.Err() != nil:
		recordLate(ctx, "covet config")
		return outcome{} // recordLate handles it
	case errors.As(err, &ended) && strings.TrimSpace(stderr.String()) != "":
		return failed(strings.TrimPrefix(strings.TrimSpace(stderr.String()), in.Name+": "),
			"fix it, then run: covet config")
	default:
		return failed("the application could not print it: "+err.Error(), "covet config")
	}
}
