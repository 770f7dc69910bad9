package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"github.com/covetgo/covet/app/exit"
)

// An ejectable is a package of the library with views that can be copied into an application.
type ejectable struct {
	source string // path relative to the library
	target string // folder relative to the application, whose last element is the package
	wiring string // the code that uses the copy, for an import of the package %s
}

// ejectables are the batteries that "covet eject" accepts, by name.
func ejectables() map[string]ejectable {
	return map[string]ejectable{
		"auth": {source: "app/auth/views", target: "app/authviews", wiring: "Views: %s.All(),   in auth.Options"},
	}
}

func newEject(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "eject BATTERY",
		Short: "Copy the pages of a battery into the application",
		Long: `Eject copies the pages of a battery, as .templ files, into the application and prints
the code that uses the copy. The copy belongs to the application: later changes to
the library's pages do not affect it.

Batteries: auth (into app/authviews)`,
		Example: "  covet eject auth",
		GroupID: groupApplication,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError(cmd, "", "eject requires the name of one battery")
			}
			if _, ok := ejectables()[args[0]]; !ok {
				return usageError(cmd, "Batteries with pages: auth.", "%q has no pages", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runEject(cmd.Context(), s, ejectables()[args[0]])
		},
	}
}

func runEject(ctx context.Context, s streams, what ejectable) error {
	app, err := currentProject()
	if err != nil {
		return err
	}
	if battery := path.Dir(what.source); !app.imports(libraryPath + "/" + battery) {
		return exit.New(exit.Failure, "", "the application does not use %s", battery)
	}
	source, err := app.libraryFolder(ctx, what.source)
	if err != nil {
		return err
	}
	files, err := readViews(source, path.Base(what.target))
	if err != nil {
		return err
	}
	written, err := app.writeNew(what.target, files)
	for _, name := range written {
		fmt.Fprintln(s.out, "Created", name)
	}
	if err != nil {
		return err
	}
	if _, err := app.generateViews(); err != nil {
		return err
	}
	module, err := app.module()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nNext, in app/accounts.go:\n  import %q\n  %s\n", module+"/"+what.target,
		fmt.Sprintf(what.wiring, path.Base(what.target)))
	return nil
}

// imports reports whether a file in the application's folder app imports a package.
func (p project) imports(pkg string) bool {
	found := false
	_ = filepath.WalkDir(filepath.Join(p.root, "app"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" {
			return nil //nolint:nilerr // an unreadable file imports nothing
		}
		text, _ := os.ReadFile(name) //nolint:gosec // a file of the project
		if bytes.Contains(text, []byte(`"`+pkg+`"`)) {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// libraryFolder returns the folder of a package of the library that the application uses: in a checkout, in the module
// cache, or in the application's vendor folder.
func (p project) libraryFolder(ctx context.Context, name string) (string, error) {
	output, err := command(ctx, p.root, "go", "list", "-find", "-f", "{{.Dir}}", libraryPath+"/"+name)
	if err != nil {
		return "", exit.New(exit.Unavailable, "Run: go mod download", "the source of the library was not found: %s", lastLine(output, err))
	}
	return strings.TrimSpace(output), nil
}

var (
	packageClause  = regexp.MustCompile(`(?m)^package \w+$`)
	packageComment = regexp.MustCompile(`(?m)^// Package \w+ (.*)(?:\n//.*)*$`)
)

// readViews returns the files of a package of views, with the package renamed to name.
func readViews(folder, name string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the library's views: %w", err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		generated := strings.HasSuffix(entry.Name(), "_templ.go") || strings.HasSuffix(entry.Name(), "_test.go")
		if ext := filepath.Ext(entry.Name()); entry.IsDir() || generated || (ext != ".go" && ext != ".templ") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name())) //nolint:gosec // a folder that the go command returned
		if err != nil {
			return nil, fmt.Errorf("reading the library's views: %w", err)
		}
		content := packageComment.ReplaceAllString(string(text),
			"// Package "+name+" holds copies of the library's pages, which belong to the application.")
		files[entry.Name()] = replaceFirst(packageClause, content, "package "+name)
	}
	if len(files) == 0 {
		return nil, exit.New(exit.Failure, "Upgrade Covet.", "the library has no views in %s", folder)
	}
	return files, nil
}

func replaceFirst(pattern *regexp.Regexp, text, with string) string {
	at := pattern.FindStringIndex(text)
	if at == nil {
		return text
	}
	return text[:at[0]] + with + text[at[1]:]
}

// writeNew writes files into a folder of the application, or nothing if one of them exists. It returns the names of the
// files.
func (p project) writeNew(folder string, files map[string]string) ([]string, error) {
	target := filepath.Join(p.root, filepath.FromSlash(folder))
	var names []string
	for name := range files {
		names = append(names, name)
		if _, err := os.Lstat(filepath.Join(target, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, exit.New(exit.Refused, "Move it away first.", "%s/%s already exists", folder, name)
		}
	}
	slices.Sort(names)
	if err := os.MkdirAll(target, 0o777); err != nil { //nolint:gosec // the umask decides, as for every file of the project
		return nil, fmt.Errorf("making %s: %w", folder, err)
	}
	for i, name := range names {
		if err := os.WriteFile(filepath.Join(target, name), []byte(files[name]), 0o666); err != nil { //nolint:gosec // likewise
			return names[:i], fmt.Errorf("writing %s/%s: %w", folder, name, err)
		}
		names[i] = folder + "/" + name
	}
	return names, nil
}

// module returns the path of the application's Go module.
func (p project) module() (string, error) {
	text, err := os.ReadFile(filepath.Join(p.root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("reading go.mod: %w", err)
	}
	return modfile.ModulePath(text), nil
}
