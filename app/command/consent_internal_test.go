package command

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
)

// destroying are the commands that destroy data, each with arguments for which it finds some, or might.
var destroying = map[string][]string{
	"migrate down": nil,
	"jobs delete":  {"01900000-0000-7000-8000-000000000001"},
}

// harmless are the other commands. A new command belongs into one of the lists.
var harmless = []string{
	"serve", "worker", "seed", "routes", "config", "health", "version", "migrate up", "migrate status", "migrate create",
	"jobs list", "jobs show", "jobs retry", "jobs cancel", "jobs queues", "jobs pause", "jobs resume", "jobs workers",
	"jobs stats", "jobs schedules", "jobs run", "text missing", "text pseudo",
}

// Threat: a script, or a command in the wrong terminal, destroys data.
func TestDestroyingCommandsNeedConsent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, errs := run(t.Context(), dir, nil, "migrate", "up"); code != exit.OK {
		t.Fatal(errs)
	}
	var found []string
	var visit func(cmd *cobra.Command, path []string)
	visit = func(cmd *cobra.Command, path []string) {
		for _, sub := range cmd.Commands() {
			visit(sub, append(slices.Clone(path), sub.Name()))
		}
		if cmd.HasSubCommands() || len(path) == 0 {
			return
		}
		name := strings.Join(path, " ")
		args, destroys := destroying[name]
		switch {
		case !destroys && !slices.Contains(harmless, name):
			t.Errorf("%s is in neither list: does it destroy data?", name)
		case destroys:
			found = append(found, name)
			if flag := cmd.Flags().Lookup("yes"); flag == nil {
				t.Errorf("%s has no flag --yes", name)
			}
			code, _, errs := run(t.Context(), dir, nil, append(path, args...)...)
			if code != exit.Refused || !strings.Contains(errs, "--yes") {
				t.Errorf("%s without a terminal: code %d, %s, want %d", name, code, errs, exit.Refused)
			}
			var asked output
			p := newProgram(dir, nil, &bytes.Buffer{}, &asked)
			p.terminal, p.in = true, strings.NewReader("n\n")
			if code := p.run(t.Context(), append(path, args...)); code != exit.Interrupted ||
				!strings.Contains(asked.String(), "[y/N]") {
				t.Errorf("%s on a terminal, answered with no: code %d, %s", name, code, asked.String())
			}
		}
	}
	visit(newProgram(dir, nil, &bytes.Buffer{}, &bytes.Buffer{}).root(), nil)
	if len(found) != len(destroying) {
		t.Errorf("found are %v", found)
	}
}

// The command line of covet lists the commands of an application by its completion.
func TestCompletionListsAllCommands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, out, errs := run(t.Context(), dir, nil, cobra.ShellCompRequestCmd, "")
	if code != exit.OK {
		t.Fatal(errs)
	}
	names := []string{"hello", "shout"} // of a module, and of the application
	for _, cmd := range newProgram(dir, nil, &bytes.Buffer{}, &bytes.Buffer{}).root().Commands() {
		names = append(names, cmd.Name())
	}
	for _, name := range names {
		if !strings.Contains("\n"+out, "\n"+name+"\t") && !strings.Contains("\n"+out, "\n"+name+"\n") {
			t.Errorf("%s is not completed:\n%s", name, out)
		}
	}
}
