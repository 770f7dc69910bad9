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

// checkLibrary compares the library of the application with the version of this command, which generates code for it.
func checkLibrary(_ context.Context, p *inspection) outcome {
	file, err := p.mod()
	if err != nil {
		return failed(err.Error(), "fix go.mod")
	}
	version := required(file, libraryPath)
	for _, replace := range file.Replace {
		if replace.Old.Path != libraryPath || (replace.Old.Version != "" && replace.Old.Version != version) {
			continue
		}
		if replace.New.Version == "" {
			return p.checkCheckout(replace)
		}
		version = replace.New.Version
	}
	return p.checkVersion(version)
}

func (in *inspection) checkVersion(version string) outcome {
	switch {
	case in.Version == "" && in.Checkout == "":
		return warning("the version of this covet is unknown, and the application uses "+version,
			installCovet+version)
	case in.Checkout != "":
		return warning("this covet is built from the checkout "+in.Checkout+", and the application uses "+version,
			installCovet+version)
	case in.Version == version:
		return passed(version + ", as this covet")
	case semver.Compare(version, in.Version) < 0:
		return warning("the application uses "+version+", and this covet is "+in.Version,
			"go get "+libraryPath+"@"+in.Version)
	default:
		return warning("the application uses "+version+", and this covet is "+in.Version, installCovet+version)
	}
}

// checkCheckout checks a line in go.mod that replaces the library with a folder.
func (in *inspection) checkCheckout(replace *modfile.Replace) outcome {
	folder := filepath.FromSlash(replace.New.Path)
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(in.Root, folder)
	}
	text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	switch {
	case err != nil || modfile.ModulePath(text) != libraryPath:
		return failed("go.mod replaces the library with "+folder+", which is not a checkout of it", in.withoutCheckout())
	case in.Checkout == "":
		return warning("the application uses the checkout "+folder+", and this covet is not built from it",
			"make -C "+folder+" build")
	case !sameFolder(folder, in.Checkout):
		return warning("the application uses the checkout "+folder+", and this covet is built from "+in.Checkout,
			"make -C "+folder+" build")
	default:
		return passed("the checkout " + folder + ", as this covet")
	}
}

// withoutCheckout returns commands for an application whose checkout no longer exists.
func (in *inspection) withoutCheckout() string {
	if in.Checkout != "" {
		return "go mod edit -replace=" + libraryPath + "=" + in.Checkout
	}
	if in.Version != "" {
		return "go mod edit -dropreplace=" + libraryPath + " && go get " + libraryPath + "@" + in.Version
	}
	return "go mod edit -dropreplace=" + libraryPath + " && go get " + libraryPath + "@latest"
}

// sameFolder reports whether two paths are the same folder.
func sameFolder(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// templVersions returns the version of templ that the application requires, "" for none, and that of the generator.
func (in *inspection) templVersions() (theirs, ours string, err error) {
	file, err := in.mod()
	if err != nil {
		return "", "", err
	}
	ours, err = scaffold.TemplVersion()
	return required(file, templPath), ours, err
}

func checkTempl(_ context.Context, p *inspection) outcome {
	theirs, ours, err := p.templVersions()
	switch {
	case err != nil:
		return failed(err.Error(), "fix go.mod")
	case theirs == "":
		return passed("the application has no views")
	case theirs != ours:
		return failed("the application requires templ "+theirs+", and this covet generates code for "+ours,
			"go get "+templPath+"@"+ours)
	default:
		return passed(ours)
	}
}
