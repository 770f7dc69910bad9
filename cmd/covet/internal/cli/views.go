package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/views"
)

func newViews(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "views",
		Short: "Generate the Go code of the .templ views",
		Long: `Views writes the Go code of every .templ file of the application next to it, and
removes the code of deleted templates. Every command that builds the application
does the same.`,
		GroupID: groupApplication,
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			app, err := currentProject()
			if err != nil {
				return err
			}
			written, err := app.generateViews()
			for _, path := range written {
				done := "Generated"
				if _, err := os.Lstat(filepath.Join(app.root, filepath.FromSlash(path))); err != nil {
					done = "Removed"
				}
				if _, err := fmt.Fprintln(s.out, done, path); err != nil {
					return err
				}
			}
			if err == nil && len(written) == 0 {
				_, err = fmt.Fprintln(s.out, "Nothing to do: the code of every view is up to date.")
			}
			return err
		},
	}
}

// generateViews brings the code of every view up to date, and returns the files that it wrote or removed, relative to
// the root.
func (p project) generateViews() ([]string, error) {
	set, err := views.Open(p.root)
	if err != nil {
		return nil, err
	}
	change, err := set.Refresh()
	return change.Written, exit.Wrap(exit.Failure, "", err)
}
