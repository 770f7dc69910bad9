package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
)

// applicationCommand is a command that every application's binary has. The flags belong to the application, so none is
// parsed here. The help here is printed outside of applications.
func applicationCommand(s streams, command cobra.Command) *cobra.Command {
	command.GroupID = groupApplication
	command.DisableFlagParsing = true
	command.RunE = func(cmd *cobra.Command, args []string) error {
		err := forward(cmd.Context(), s, append([]string{cmd.Name()}, args...))
		asked := slices.Contains(args, "--help") || slices.Contains(args, "-h")
		if asked && errors.Is(err, errNoProject) {
			return cmd.Help()
		}
		return err
	}
	return &command
}
