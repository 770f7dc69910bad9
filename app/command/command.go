// Package command provides the commands of an application's own binary: serve, worker, jobs, migrate, seed, routes,
// config and version, the commands of its modules, and its own.
//
//	package main
//
//	func main() { os.Exit(command.Main("blog", app.New, commands.All()...)) }
//
// The binary reads its configuration from the working directory and the environment (package config), and exits with
// the codes of package exit.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/jobs"
)

// Config is a pointer to an application's configuration, which embeds covet.Config.
type Config[C any] interface {
	*C
	// Kernel is promoted from the embedded covet.Config.
	Kernel() *covet.Config
}

// Provider is a module with commands of its own.
type Provider interface {
	// Commands returns the module's commands. The app is not started; a command that needs its stores starts it. The
	// context of a command is derived from App.Context, and ends with an interrupt.
	Commands(a *covet.App) []*cobra.Command
}

// Constructor creates a command of an application. The app is not started; a command that needs its stores starts it,
// and stops it at the end.
type Constructor = func(a *covet.App) *cobra.Command

// Main runs the command line of the application called name and returns its exit code. It loads the configuration into
// a C and passes it to build, which creates the application. commands are the application's own. An interrupt, SIGTERM
// or SIGHUP cancels the command's context; a second one kills the process.
func Main[C any, P Config[C]](name string, build func(C) (*covet.App, error), commands ...Constructor) int {
	ctx, stop := signal.NotifyContext(context.Background(), stopSignals()...)
	defer stop()
	context.AfterFunc(ctx, stop)
	load := loader[C, P](name, build, linkFromEnvironment())
	cli := &program{
		name: name, dir: ".", in: os.Stdin, out: os.Stdout, err: os.Stderr, load: load, commands: commands,
		terminal: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stderr.Fd())),
	}
	return cli.run(ctx, os.Args[1:])
}

// stopSignals returns the signals that stop a command. A hangup is one of them unless nohup ignores it.
func stopSignals() []os.Signal {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// program is one run of a command line.
type program struct {
	name     string
	dir      string    // of the project
	in       io.Reader // answers to questions, or a pipe of the dev server
	out, err io.Writer
	terminal bool // questions can be asked
	load     func(flags map[string]string) (*loaded, error)
	commands []Constructor
}

// loaded is a configuration and the function that creates the application.
type loaded struct {
	entries []config.Entry
	kernel  covet.Config
	build   func() (*covet.App, error)
}

func loader[C any, P Config[C]](name string, build func(C) (*covet.App, error),
	devServer link,
) func(map[string]string) (*loaded, error) {
	return func(flags map[string]string) (*loaded, error) {
		l, err := config.Load[C](config.Options{Flags: flags, Defaults: map[string]string{"app.name": name}})
		if err != nil {
			return nil, err
		}
		kernel := P(&l.Value).Kernel()
		if kernel.DevServer, err = devServer.forConfig(kernel); err != nil {
			return nil, err
		}
		return &loaded{
			entries: l.Entries(),
			kernel:  *kernel,
			build:   func() (*covet.App, error) { return build(l.Value) },
		}, nil
	}
}

func (p *program) run(ctx context.Context, args []string) int {
	root := p.root() //nolint:contextcheck // cobra hands ctx to each command
	if err := p.addApplicationCommands(ctx, root, args); err != nil {
		return exit.Report(p.err, p.name, classify(err))
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	return exit.Report(p.err, p.name, withUsage(cmd, args, classify(err)))
}

// withUsage adds the usage of the command, and similar commands, to an error about the command line.
func withUsage(cmd *cobra.Command, args []string, err error) error {
	var coded *exit.Error
	if !errors.As(err, &coded) || coded.Code != exit.Usage {
		return err
	}
	hint := coded.Hint
	if !cmd.HasParent() && len(args) > 0 {
		if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
			hint = strings.TrimSpace(fmt.Sprintf("Did you mean %q? %s", similar[0], hint))
		}
	}
	usage := fmt.Sprintf("Usage: %s\nSee \"%s --help\".", cmd.UseLine(), cmd.CommandPath())
	if hint != "" {
		usage = hint + "\n" + usage
	}
	return exit.Wrap(exit.Usage, usage, coded.Err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           p.name,
		Short:         "The commands of " + p.name,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		Args:                       usageArgs(cobra.NoArgs),
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit.Wrap(exit.Usage, "", err) })
	root.AddCommand(p.serve(), p.worker(), p.jobs(), p.migrate(), p.seed(), p.routes(), p.text(),
		p.config(), p.health(), p.version())
	return root
}

// addApplicationCommands adds the commands of modules, and those of the application, if the command line may contain
// one: every other command works without creating the application.
func (p *program) addApplicationCommands(ctx context.Context, root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	cmd, _, findErr := root.Find(args)
	if findErr == nil && cmd != root && cmd.Name() != "help" {
		return nil
	}
	l, err := p.load(nil)
	if err == nil {
		var a *covet.App
		if a, err = l.build(); err == nil {
			var commands []*cobra.Command
			for _, m := range a.Modules() {
				if provider, ok := m.(Provider); ok {
					commands = append(commands, provider.Commands(a)...)
				}
			}
			for _, construct := range p.commands {
				commands = append(commands, construct(a))
			}
			setContext(a.Context(ctx), commands)
			root.AddCommand(commands...)
			return nil
		}
	}
	if named := len(args) > 0 && cmd == root && !strings.HasPrefix(args[0], "-"); findErr == nil && !named {
		return nil // help works with an invalid configuration
	}
	return err
}

// setContext sets the context of commands and their subcommands, which cobra otherwise takes from the root command.
func setContext(ctx context.Context, commands []*cobra.Command) {
	for _, cmd := range commands {
		cmd.SetContext(ctx)
		setContext(ctx, cmd.Commands())
	}
}

// app loads the configuration, including flags, and creates the application.
func (p *program) app(flags map[string]string) (*covet.App, error) {
	l, err := p.load(flags)
	if err != nil {
		return nil, err
	}
	return l.build()
}

// usageArgs turns an error about arguments into a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		switch {
		case err == nil:
			return nil
		case !cmd.HasParent() && len(args) > 0:
			return exit.New(exit.Usage, "", "unknown command %q", args[0])
		case len(args) == 0:
			return exit.New(exit.Usage, "", "%s requires an argument", cmd.CommandPath())
		case cmd.HasAvailableSubCommands():
			return exit.New(exit.Usage, didYouMean(args[0], subcommands(cmd)), "unknown command %q of %s",
				plain(args[0]), cmd.CommandPath())
		}
		return exit.New(exit.Usage, "", "%s does not accept %q", cmd.CommandPath(), args[len(args)-1])
	}
}

func subcommands(cmd *cobra.Command) []string {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// didYouMean returns a hint with similar names; empty if there are none.
func didYouMean(name string, known []string) string {
	if similar := similarNames(name, known); len(similar) > 0 {
		return fmt.Sprintf("Did you mean %s?", strings.Join(similar, " or "))
	}
	return ""
}

// similarNames returns the known names that are similar to name, by cobra's distance.
func similarNames(name string, known []string) []string {
	commands := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, other := range known {
		commands.AddCommand(&cobra.Command{Use: other, Run: func(*cobra.Command, []string) {}})
	}
	return commands.SuggestionsFor(name)
}

// classify adds the exit code and the hint to an error.
func classify(err error) error {
	var coded *exit.Error
	var invalid *config.Error
	switch {
	case err == nil, errors.As(err, &coded):
		return err
	case errors.As(err, &invalid), errors.Is(err, database.ErrURL), errors.Is(err, redis.ErrURL):
		return exit.Wrap(exit.Config, "", err)
	case errors.Is(err, database.ErrUnavailable):
		return exit.Wrap(exit.Unavailable, "Check that the database is running and that DATABASE_URL is correct.", err)
	case errors.Is(err, jobs.ErrQueueInUse):
		return exit.Wrap(exit.Unavailable,
			"Only one process can use the embedded queue: stop the other process, or set REDIS_URL for both.", err)
	case errors.Is(err, context.Canceled):
		return exit.Wrap(exit.Interrupted, "", errors.New("interrupted"))
	}
	return err
}
