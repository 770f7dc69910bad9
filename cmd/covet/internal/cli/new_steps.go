package cli

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/workspace"
)

// The steps after the files are written. The application is usable if they fail, so each returns one line about its
// result.

// tidy completes go.mod and go.sum. They are complete for the library that created the application, but another version
// of it may need more.
func tidy(ctx context.Context, dir string) string {
	if output, err := command(ctx, dir, "go", "mod", "tidy"); err != nil {
		return "failed (" + lastLine(output, err) + "); fix that, then run it again in the new folder"
	}
	return "done"
}

// startRepository creates a git repository with a first commit.
func startRepository(ctx context.Context, dir string) string {
	if _, err := exec.LookPath("git"); err != nil {
		return "no repository, because git is not in PATH"
	}
	if output, err := command(ctx, dir, "git", "rev-parse", "--is-inside-work-tree"); err == nil &&
		strings.TrimSpace(output) == "true" {
		return "no new repository, because the folder is inside one"
	}
	initialize := []string{"init", "--quiet"}
	if branch, err := command(ctx, dir, "git", "config", "init.defaultBranch"); err != nil ||
		strings.TrimSpace(branch) == "" {
		initialize = append(initialize, "--initial-branch=main")
	}
	for _, args := range [][]string{initialize, {"add", "--all"}} {
		if output, err := command(ctx, dir, "git", args...); err != nil {
			return "failed (" + lastLine(output, err) + ")"
		}
	}
	// Without a configured identity, git would derive one from the host name.
	if output, err := command(ctx, dir, "git", "-c", "user.useConfigOnly=true", "commit", "--quiet", "--message",
		"Start with covet new"); err != nil {
		return "repository with all files staged and no commit, because git commit failed (" + lastLine(output, err) + ")"
	}
	return "repository with a first commit"
}

// command runs a program in a folder and returns its output. It removes variables that point git to another repository,
// as in a git hook, and switches off a Go workspace that does not list the folder.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	environ := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "GIT_DIR=") || strings.HasPrefix(variable, "GIT_WORK_TREE=") ||
			strings.HasPrefix(variable, "GIT_INDEX_FILE=") || strings.HasPrefix(variable, "PWD=")
	})
	cmd.Env = workspace.Environ(dir, environ)
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// lastLine returns the last line that a program printed, which usually contains the error.
func lastLine(output string, err error) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return err.Error()
}
