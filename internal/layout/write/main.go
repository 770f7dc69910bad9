// Command write brings the linter's rules and docs/layout.md up to date with the table of package layout.
package main

import (
	"fmt"
	"os"

	"github.com/covetgo/covet/internal/layout"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	config, err := os.ReadFile(".golangci.yml")
	if err != nil {
		return fmt.Errorf("reading the linter's configuration (run this in the root of the repository): %w", err)
	}
	spliced, err := layout.Splice(string(config))
	if err != nil {
		return err
	}
	if err := os.WriteFile(".golangci.yml", []byte(spliced), 0o644); err != nil {
		return err
	}
	return os.WriteFile("docs/layout.md", []byte(layout.Document()), 0o644)
}
