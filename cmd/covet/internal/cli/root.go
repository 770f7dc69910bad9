package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/covetgo/covet/app/exit"
)

const (
	groupStart       = "start"
	groupApplication = "application"
)

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   program,
		Short: "Batteries-included web framework for Go",
		Long: `Covet is a batteries-included web framework for Go.

Inside an application, covet builds it and runs its commands, including those that you
add yourself: "covet COMMAND" runs any command of the application.`,
		Example: `  covet new blog
  cd blog
  covet serve`,
		Version:       buildVersion().String(),
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Start:"},
		&cobra.Group{ID: groupApplication, Title: "In an application:"},
	)
	root.AddCommand(newNew(s))
	root.AddCommand(newServe(s), newWorker(s), newJobs(s), newMigrate(s), newSeed(s), newRoutes(s), newConfig(s),
		newViews(s), newDoctor(s), newEject(s), newGenerate(s), newDestroy(s))
	root.AddCommand(newVersion(s), newExitCodes())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	showApplicationCommands(s, root)
	return root
}

// isCommand reports whether root has a command, including the hidden commands of shell completion.
func isCommand(root *cobra.Command, name string) bool {
	if name == cobra.ShellCompRequestCmd || name == cobra.ShellCompNoDescRequestCmd {
		return true
	}
	for _, command := range root.Commands() {
		if command.Name() == name || command.HasAlias(name) {
			return true
		}
	}
	return false
}

// runUnknown forwards a command that covet does not have to the application.
func runUnknown(ctx context.Context, s streams, root *cobra.Command, args []string) error {
	err := forward(ctx, s, args)
	if !errors.Is(err, errNoProject) {
		return err
	}
	hint := "Run \"covet help\" for all commands. Commands of an application work only in its folder."
	if similar := root.SuggestionsFor(args[0]); len(similar) > 0 {
		hint = fmt.Sprintf("Did you mean \"covet %s\"? %s", strings.Join(similar, `" or "covet `), hint)
	}
	return exit.New(exit.Usage, hint, "unknown command %q", args[0])
}

// usageError returns an error about the command line, with the usage as its hint.
func usageError(cmd *cobra.Command, hint, format string, args ...any) error {
	usage := fmt.Sprintf("Usage: %s\nSee \"%s --help\".", cmd.UseLine(), cmd.CommandPath())
	if hint != "" {
		usage = hint + "\n" + usage
	}
	return exit.New(exit.Usage, usage, format, args...)
}

func flagError(cmd *cobra.Command, err error) error {
	hint := ""
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if similar := similarFlag(cmd.Flags(), unknown.GetSpecifiedName()); similar != "" {
			hint = fmt.Sprintf("Did you mean --%s?", similar)
		}
	}
	return usageError(cmd, hint, "%w", err)
}

// similarFlag returns the flag that is most similar to a mistyped one, by cobra's distance for commands.
func similarFlag(flags *pflag.FlagSet, name string) string {
	candidates := &cobra.Command{SuggestionsMinimumDistance: 2}
	flags.VisitAll(func(flag *pflag.Flag) {
		candidates.AddCommand(&cobra.Command{Use: flag.Name, Run: func(*cobra.Command, []string) {}})
	})
	if similar := candidates.SuggestionsFor(name); len(similar) > 0 {
		return similar[0]
	}
	return ""
}
