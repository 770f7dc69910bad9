package api

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api/internal/typescript"
	"github.com/covetgo/covet/app/exit"
)

// Commands returns "openapi", which prints the document, and "client ts", which prints a client for it. Neither needs a
// server or a database.
func (m *Module) Commands(a *covet.App) []*cobra.Command {
	client := &cobra.Command{
		Use:   "client",
		Short: "Generate a client for the API",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	client.AddCommand(generator("ts", "Print a TypeScript client without dependencies",
		name(a)+" client ts -o web/client.ts", func() ([]byte, error) {
			return []byte(typescript.Generate(m.openAPI())), nil
		}))
	return []*cobra.Command{
		generator("openapi", "Print the OpenAPI document of the API", name(a)+" openapi -o openapi.json", m.Document),
		client,
	}
}

func name(a *covet.App) string {
	if a.Config.App.Name == "" {
		return "app"
	}
	return a.Config.App.Name
}

// generator is a command that prints something or writes it to a file.
func generator(use, short, example string, generate func() ([]byte, error)) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: use, Short: short, Example: "  " + example, Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := generate()
			if err != nil {
				return err
			}
			return writeFile(cmd.OutOrStdout(), file, text)
		},
	}
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write instead of printing")
	return cmd
}

func writeFile(out io.Writer, file string, text []byte) error {
	if file == "" || file == "-" {
		_, err := out.Write(text)
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // the document is public
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return nil
}

func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return exit.Wrap(exit.Usage, "", err)
		}
		return nil
	}
}
