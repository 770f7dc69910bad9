package doctor

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/covetgo/covet/config"
)

// inGit reports whether the application is under version control. Git may be absent.
func (in *inspection) inGit(ctx context.Context) (inside, installed bool) {
	if _, err := exec.LookPath("git"); err != nil {
		return false, false
	}
	text, err := in.output(ctx, in.Root, "git", "rev-parse", "--is-inside-work-tree")
	return err == nil && text == "true", true
}

func checkGit(ctx context.Context, p *inspection) outcome {
	switch inside, installed := p.inGit(ctx); {
	case !installed:
		return warning("git is not in PATH", "install it from https://git-scm.com")
	case !inside:
		return warning("the application is not under version control", "git init")
	default:
		return passed("the application is under version control")
	}
}

// checkDotenv keeps secrets out of the history: whoever may read the repository could sign cookies.
func checkDotenv(ctx context.Context, p *inspection) outcome {
	_, err := os.Stat(filepath.Join(p.Root, ".env"))
	exists := err == nil
	inside, _ := p.inGit(ctx)
	if !inside {
		return passed("no repository tracks it")
	}
	if text, err := p.output(ctx, p.Root, "git", "ls-files", "--", ".env"); err != nil || text != "" {
		return failed("git tracks .env, which holds secrets; those in the history are known to everybody who reads it",
			"git rm --cached .env")
	}
	if _, err := p.output(ctx, p.Root, "git", "check-ignore", "--quiet", ".env"); err != nil {
		return warning("git does not ignore .env, so that it may be added by mistake", "echo /.env >> .gitignore")
	}
	if !exists {
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
		return failed("SECRET_KEY is not set, and production needs it", "set SECRET_KEY to the output of: "+newSecret)
	case s.SecretKey == "":
		return warning("SECRET_KEY is not set: everybody is logged out when the application restarts",
			`echo "SECRET_KEY=$(`+newSecret+`)" >> .env`)
	case config.WeakSecret(s.SecretKey):
		return failed("SECRET_KEY is easy to guess: shorter than 32 characters, or of too few different ones",
			"set SECRET_KEY to the output of: "+newSecret)
	default:
		return passed("SECRET_KEY is set and strong")
	}
}
