package doctor

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/covetgo/covet/config"
)

// inGit reports whether the application is in a git repository. Git may be missing. It returns an error if git fails.
func (in *inspection) inGit(ctx context.Context) (inside, installed bool, err error) {
	if _, err := exec.LookPath("git"); err != nil {
		return false, false, nil //nolint:nilerr // it is not installed
	}
	text, err := in.output(ctx, in.Root, "git", "rev-parse", "--is-inside-work-tree")
	var ended *exec.ExitError
	if errors.As(err, &ended) && strings.Contains(string(ended.Stderr), "not a git repository") {
		return false, true, nil
	}
	return err == nil && text == "true", true, err
}

func checkGit(ctx context.Context, p *inspection) outcome {
	switch inside, installed, err := p.inGit(ctx); {
	case err != nil:
		return gitFails(err)
	case !installed:
		return warning("git is not in PATH", "install it from https://git-scm.com")
	case !inside:
		return warning("the application is not under version control", "git init")
	default:
		return passed("the application is under version control")
	}
}

func gitFails(err error) outcome {
	return warning("not checked: git fails: "+commandError(err), "run it to see why: git status")
}

// checkDotenv ensures that secrets do not enter the history: a reader of the repository could sign cookies.
func checkDotenv(ctx context.Context, p *inspection) outcome {
	_, err := os.Stat(filepath.Join(p.Root, ".env"))
	exists := err == nil
	inside, _, err := p.inGit(ctx)
	if err != nil {
		return gitFails(err)
	}
	if !inside {
		return passed("it is not in a repository")
	}
	text, err := p.output(ctx, p.Root, "git", "ls-files", "--", ".env")
	if err != nil {
		return gitFails(err)
	}
	if text != "" {
		return failed("git tracks .env, which contains secrets; replace the secrets that are in the history",
			"git rm --cached .env")
	}
	_, err = p.output(ctx, p.Root, "git", "check-ignore", "--quiet", ".env")
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended) && ended.ExitCode() == 1: // the status for a file that is not ignored
		return warning("git does not ignore .env, so it may be committed by mistake", "echo /.env >> .gitignore")
	case err != nil:
		return gitFails(err)
	case !exists:
		return passed("there is none")
	}
	return passed("git ignores it")
}

const newSecret = "openssl rand -base64 32"

func checkSecret(_ context.Context, p *inspection) outcome {
	s, err := p.settings()
	switch {
	case err != nil:
		return unreadable(err)
	case s.SecretKey == "" && s.production():
		return failed("SECRET_KEY is not set, but production requires it", "set SECRET_KEY to the output of: "+newSecret)
	case s.SecretKey == "":
		return warning("SECRET_KEY is not set: all users are signed out when the application restarts",
			`echo "SECRET_KEY=$(`+newSecret+`)" >> .env`)
	case config.WeakSecret(s.SecretKey):
		return failed("SECRET_KEY is weak: it has fewer than 32 characters, or too few different ones",
			"set SECRET_KEY to the output of: "+newSecret)
	default:
		return passed("SECRET_KEY is set and strong")
	}
}
