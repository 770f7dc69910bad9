package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/progress"
	"github.com/covetgo/covet/cmd/covet/internal/quiet"
)

const program = "covet"

// streams are the input and outputs of commands.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// terminal reports whether questions can be asked.
	terminal bool
	// animated reports whether err is a terminal that can erase a line.
	animated bool
}

// progress reports on err that a step is running, until stop is called.
func (s streams) progress(step string) (stop func()) {
	return progress.Start(progress.Config{Out: s.err, Animated: s.animated}, step)
}

// Main runs the command line, prints errors, and returns the exit code.
func Main(args []string) int {
	quiet.Restore()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := streams{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		terminal: term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())),
		animated: term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb",
	}
	return exit.Report(os.Stderr, program, run(ctx, s, args))
}

func run(ctx context.Context, s streams, args []string) error {
	root := newRoot(s) //nolint:contextcheck // commands run with the context of Execute
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") && !isCommand(root, args[0]) {
		return runUnknown(ctx, s, root, args)
	}
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		addApplicationCommands(s, root) //nolint:contextcheck // as above
	}
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}
