package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// build is the information about the binary.
type build struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Covet   string `json:"covet"`
	Go      string `json:"go"`
}

func (p *program) version() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of the application, of Covet and of Go",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			b := buildOf(p.name)
			if asJSON {
				return writeJSON(p.out, b)
			}
			_, err := fmt.Fprintf(p.out, "%s %s, Covet %s, %s\n", b.Name, b.Version, b.Covet, b.Go)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func buildOf(name string) build {
	b := build{Name: name, Version: "(devel)", Covet: "(devel)", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Version = info.Main.Version
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.Commit = setting.Value
		}
	}
	for _, dep := range info.Deps {
		if dep.Path == "github.com/covetgo/covet" && dep.Replace == nil {
			b.Covet = dep.Version
		}
	}
	return b
}
