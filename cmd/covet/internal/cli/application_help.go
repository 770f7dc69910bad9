package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
)

// commandsFile lists the commands of an application, as its binary completes them: a name, a tab and a description for
// each. It is written after a build, so that help and completion need no build.
const commandsFile = ".covet/commands"

// listTimeout bounds how long an application may take to list its commands.
const listTimeout = 5 * time.Second

// appCommand is a command of an application.
type appCommand struct{ name, short string }

var commandName = regexp.MustCompile(`^[a-z0-9][a-z0-9:_-]*$`)

// parseCommands reads what the hidden command __complete of cobra prints for the first argument. It returns nil for
// anything else.
func parseCommands(text string) []appCommand {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if !strings.HasPrefix(lines[len(lines)-1], ":") {
		return nil
	}
	var list []appCommand
	for _, line := range lines[:len(lines)-1] {
		name, short, _ := strings.Cut(line, "\t")
		if !commandName.MatchString(name) {
			continue
		}
		// Threat: a file of the repository contains escape sequences for the terminal.
		short = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, short)
		list = append(list, appCommand{name, short})
	}
	return list
}

// recordCommands records the commands of a binary that was just built, unless that has been done since. If the binary
// fails, for example because the configuration is invalid, the file stays as it is.
func (p project) recordCommands(ctx context.Context, binary string) {
	file := filepath.Join(p.root, filepath.FromSlash(commandsFile))
	built, err := os.Stat(binary)
	if err != nil {
		return
	}
	if recorded, err := os.Stat(file); err == nil && !recorded.ModTime().Before(built.ModTime()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, cobra.ShellCompRequestCmd, "")
	cmd.Dir, cmd.WaitDelay = p.root, time.Second
	text, err := cmd.Output()
	if err != nil || parseCommands(string(text)) == nil {
		return
	}
	_ = os.WriteFile(file, text, 0o600) // without the file, help prints that the commands are not known
}

// recordedCommands returns the commands of the last build; nil if there was none.
func (p project) recordedCommands() []appCommand {
	text, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(commandsFile)))
	if err != nil {
		return nil
	}
	return parseCommands(string(text))
}

// addApplicationCommands adds the application's own commands to help and completion, and reports whether they are
// known.
func addApplicationCommands(s streams, root *cobra.Command) (known bool) {
	app, err := currentProject()
	if err != nil {
		return true // there is no application, so nothing is missing
	}
	list := app.recordedCommands()
	for _, command := range list {
		if !isCommand(root, command.name) {
			root.AddCommand(applicationCommand(s, cobra.Command{Use: command.name, Short: command.short}))
		}
	}
	return list != nil
}

// showApplicationCommands adds the application's commands to the help of root.
func showApplicationCommands(s streams, root *cobra.Command) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		known := cmd != root || addApplicationCommands(s, root)
		help(cmd, args)
		if !known {
			_, _ = fmt.Fprintf(s.out, "\nThe application's own commands are listed after its first build: %s routes\n", program)
		}
	})
}
