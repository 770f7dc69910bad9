package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
)

// newExitCodes is a help topic: it has no run function, and cobra lists it below the commands.
func newExitCodes() *cobra.Command {
	var table strings.Builder
	for _, code := range exit.Codes() {
		fmt.Fprintf(&table, "  %3d  %s\n", code.Number, code.Meaning)
	}
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean",
		Long: "Covet and every application made with it end with one of these exit codes.\n" +
			"A code never changes its meaning.\n\n" + strings.TrimRight(table.String(), "\n"),
	}
}
