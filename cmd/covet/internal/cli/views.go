package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/source"
	"github.com/covetgo/covet/scaffold"
)

func newViews(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "views",
		Short: "Generate the Go code of the .templ views",
		Long: `Views writes the Go code of every .templ file of the application next to it. Every
command that builds the application does so, too.`,
		GroupID: groupApplication,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			app, err := currentProject()
			if err != nil {
				return err
			}
			written, err := app.generateViews()
			for _, path := range written {
				if _, err := fmt.Fprintln(s.out, "Generated", path); err != nil {
					return err
				}
			}
			if err == nil && len(written) == 0 {
				_, err = fmt.Fprintln(s.out, "Nothing to do: the code of every view is current.")
			}
			return err
		},
	}
}

// generateViews brings the code of every view up to date, and returns the files that it wrote, relative to the root.
func (p project) generateViews() ([]string, error) {
	version, err := p.templVersion()
	if err != nil || version == "" {
		return nil, err
	}
	var written []string
	err = source.Walk(p.root, func(path string) error {
		if filepath.Ext(path) != ".templ" {
			return nil
		}
		changed, err := p.generateView(path, version)
		if changed != "" {
			written = append(written, changed)
		}
		return err
	})
	return written, err
}

// generateView writes the code of one view unless it is current, and returns its path if it wrote it.
func (p project) generateView(path, version string) (string, error) {
	source, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(path)))
	if err != nil {
		return "", fmt.Errorf("reading a view: %w", err)
	}
	code, err := scaffold.View(scaffold.File{Path: path, Content: source}, version)
	if err != nil {
		return "", exit.Wrap(exit.Failure, "", err)
	}
	target := filepath.Join(p.root, filepath.FromSlash(code.Path))
	current, err := os.ReadFile(target)
	if err == nil && bytes.Equal(current, code.Content) {
		return "", nil
	}
	if err := os.WriteFile(target, code.Content, 0o666); err != nil {
		return "", fmt.Errorf("writing the code of a view: %w", err)
	}
	return code.Path, nil
}

// templVersion returns the version of templ that the application requires, or "" for none. Another one than the
// generator's is an error: code of one version does not always fit the other.
func (p project) templVersion() (string, error) {
	ours, err := scaffold.TemplVersion()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(p.root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("reading go.mod: %w", err)
	}
	file, err := modfile.ParseLax("go.mod", text, nil)
	if err != nil {
		return "", exit.Wrap(exit.Failure, "", err)
	}
	for _, require := range file.Require {
		switch {
		case require.Mod.Path != "github.com/a-h/templ":
		case require.Mod.Version == ours:
			return ours, nil
		default:
			return "", exit.New(exit.Failure, fmt.Sprintf("Run: go get github.com/a-h/templ@%s", ours),
				"the application requires templ %s and this covet generates code for %s", require.Mod.Version, ours)
		}
	}
	return "", nil
}
