package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
)

// newExitCodes is a help topic: it has no run function, so cobra lists it after the commands.
func newExitCodes() *cobra.Command {
	var table strings.Builder
	for _, code := range exit.Codes() {
		fmt.Fprintf(&table, "  %3d  %s\n", code.Number, code.Meaning)
	}
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "Meaning of the exit codes",
		Long: "Covet and every application created with it exit with one of these codes.\n" +
			"A code never changes its meaning.\n\n" + strings.TrimRight(table.String(), "\n"),
	}
}
