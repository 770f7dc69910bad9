package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/covetgo/covet/app/exit"
)

// Set at link time by the Makefile: the checkout that this binary was built from, or the version of the release.
var checkout, version string

// origin describes what this binary was built from. Exactly one of Version and Checkout is set, or neither if it is
// unknown.
type origin struct {
	// Version is the released version, such as "v0.1.0".
	Version string `json:"version,omitempty"`
	// Checkout is the folder of the source.
	Checkout string `json:"checkout,omitempty"`
	// Commit is the git commit, followed by "+changes" if the source differed from it.
	Commit string `json:"commit,omitempty"`
	Go     string `json:"go"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
}

func newVersion(s streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  covet version\n  covet version --json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			b := buildVersion()
			if !asJSON {
				_, err := fmt.Fprintln(s.out, b)
				return err
			}
			encoder := json.NewEncoder(s.out)
			encoder.SetIndent("", "  ")
			return encoder.Encode(b)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// noArguments refuses arguments with the usage.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(cmd, "", "%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// buildVersion determines what this binary was built from: the linker flags, the module version of "go install", or the
// checkout that "go build" and "go run" compiled.
func buildVersion() origin {
	b := origin{Version: version, Checkout: checkout, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if ok {
		b.Commit = commit(info.Settings)
	}
	switch {
	case checkout != "" || version != "":
	case ok && info.Main.Path == libraryPath && info.Main.Sum != "":
		b.Version = info.Main.Version
	default:
		b.Checkout = sourceFolder()
	}
	if b.Checkout != "" {
		b.Version = ""
	}
	return b
}

func commit(settings []debug.BuildSetting) string {
	revision, changes := "", ""
	for _, setting := range settings {
		switch {
		case setting.Key == "vcs.revision":
			revision = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			changes = "+changes"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + changes
}

// sourceFolder returns the checkout that contains this file, if it still exists. It is unknown with -trimpath.
func sourceFolder() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	root := filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
	if !isCheckout(root) {
		return ""
	}
	return root
}

// isCheckout reports whether a folder contains the source of Covet.
func isCheckout(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && modfile.ModulePath(mod) == libraryPath
}

// String describes the build in one line.
func (b origin) String() string {
	what := b.Version
	switch {
	case b.Checkout != "":
		what = "from the checkout " + b.Checkout
	case what == "":
		what = "of unknown version"
	}
	text := fmt.Sprintf("covet %s (%s, %s/%s)", what, b.Go, b.OS, b.Arch)
	if len(b.Commit) > 12 && b.Checkout != "" {
		text = strings.TrimSuffix(text, ")") + ", commit " + b.Commit[:12] + ")"
	}
	return text
}

// requirement is how a new application requires Covet: a version, or a checkout in a replace line.
func (b origin) requirement() (version, replace string, err error) {
	switch {
	case b.Checkout != "" && isCheckout(b.Checkout):
		return "", b.Checkout, nil
	case b.Checkout != "":
		return "", "", exit.New(exit.Failure,
			"Build it again with \"make build\" in the checkout, or install a release with: "+installCommand,
			"this covet was built from the checkout %s, which no longer exists", b.Checkout)
	case semver.IsValid(b.Version):
		return b.Version, "", nil
	default:
		return "", "", exit.New(exit.Failure,
			"Build it with \"make build\" in a checkout, or install a release with: "+installCommand,
			"the version and the checkout of this covet are unknown, so a new application cannot require it")
	}
}

const installCommand = "go install " + libraryPath + "/cmd/covet@latest"
