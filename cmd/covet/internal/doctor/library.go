package doctor

import (
	"context"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/covetgo/covet/scaffold"
)

const (
	installCovet = "go install " + libraryPath + "/cmd/covet@"
	templPath    = "github.com/a-h/templ"
)

// checkLibrary compares what the application is made with and what generates code for it.
func checkLibrary(_ context.Context, p *patient) outcome {
	file, err := p.mod()
	if err != nil {
		return failed(err.Error(), "correct go.mod")
	}
	version := required(file, libraryPath)
	for _, replace := range file.Replace {
		if replace.Old.Path != libraryPath || (replace.Old.Version != "" && replace.Old.Version != version) {
			continue
		}
		if replace.New.Version == "" {
			return p.judgeCheckout(replace)
		}
		version = replace.New.Version
	}
	return p.judgeVersion(version)
}

func (p *patient) judgeVersion(version string) outcome {
	switch {
	case p.Version == "" && p.Checkout == "":
		return warning("this covet does not know which version it is, and the application uses "+version,
			installCovet+version)
	case p.Checkout != "":
		return warning("this covet is built from the checkout "+p.Checkout+", and the application uses "+version,
			installCovet+version)
	case p.Version == version:
		return well(version + ", as this covet")
	case semver.Compare(version, p.Version) < 0:
		return warning("the application uses "+version+", and this covet is "+p.Version, "go get "+libraryPath+"@"+p.Version)
	default:
		return warning("the application uses "+version+", and this covet is "+p.Version, installCovet+version)
	}
}

// judgeCheckout is about a line in go.mod that replaces the library by a folder.
func (p *patient) judgeCheckout(replace *modfile.Replace) outcome {
	folder := filepath.FromSlash(replace.New.Path)
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(p.Root, folder)
	}
	text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	switch {
	case err != nil || modfile.ModulePath(text) != libraryPath:
		return failed("go.mod replaces the library by "+folder+", which is no checkout of it", p.withoutCheckout())
	case p.Checkout == "":
		return warning("the application uses the checkout "+folder+", and this covet is not built from it",
			"make -C "+folder+" build")
	case !same(folder, p.Checkout):
		return warning("the application uses the checkout "+folder+", and this covet is built from "+p.Checkout,
			"make -C "+folder+" build")
	default:
		return well("the checkout " + folder + ", as this covet")
	}
}

// withoutCheckout is how an application gets on without a checkout that is gone.
func (p *patient) withoutCheckout() string {
	if p.Checkout != "" {
		return "go mod edit -replace=" + libraryPath + "=" + p.Checkout
	}
	if p.Version != "" {
		return "go mod edit -dropreplace=" + libraryPath + " && go get " + libraryPath + "@" + p.Version
	}
	return "go mod edit -dropreplace=" + libraryPath + " && go get " + libraryPath + "@latest"
}

// same reports whether two paths are one folder.
func same(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// templVersions returns the version of templ that the application requires, "" for none, and that of the generator.
func (p *patient) templVersions() (theirs, ours string, err error) {
	file, err := p.mod()
	if err != nil {
		return "", "", err
	}
	ours, err = scaffold.TemplVersion()
	return required(file, templPath), ours, err
}

func checkTempl(_ context.Context, p *patient) outcome {
	theirs, ours, err := p.templVersions()
	switch {
	case err != nil:
		return failed(err.Error(), "correct go.mod")
	case theirs == "":
		return well("the application has no views")
	case theirs != ours:
		return failed("the application requires templ "+theirs+", and this covet generates code for "+ours,
			"go get "+templPath+"@"+ours)
	default:
		return well(ours)
	}
}
