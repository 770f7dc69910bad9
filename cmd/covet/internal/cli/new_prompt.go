package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/scaffold"
)

// answers are the values of the form.
type answers struct {
	name      string
	databases []string
	batteries []scaffold.Battery
}

// promptOptions prompts for the options, with the defaults preselected.
func promptOptions(ctx context.Context, s streams, o *newOptions, askName bool) error {
	offered, err := scaffold.Offered()
	if err != nil {
		return err
	}
	a := answers{name: o.path, databases: []string{"sqlite", "postgres"}, batteries: offered}
	if !askName && (checkPath(o.path) != nil || checkFolder(o.path, *o) != nil) {
		return nil // runNew returns the error with a hint
	}
	plain := os.Getenv("TERM") == "dumb" || os.Getenv("NO_COLOR") != "" || os.Getenv("ACCESSIBLE") != ""
	if !plain {
		detectTerminal()
	}
	form := newForm(&a, offered, askName).WithAccessible(plain).WithInput(s.in).WithOutput(s.out)
	if err := runForm(ctx, form); errors.Is(err, huh.ErrUserAborted) {
		return exit.New(exit.Interrupted, "Nothing was written.", "stopped")
	} else if err != nil {
		return exit.Wrap(exit.Usage, "Use flags instead; see \"covet new --help\".", err)
	}
	o.path, o.databases, o.without = a.name, a.databases, unselected(offered, a.batteries)
	return nil
}

// runForm runs the form until it is submitted or the command is interrupted: plain prompts block on a line of input and
// do not notice an interrupt.
func runForm(ctx context.Context, form *huh.Form) error {
	done := make(chan error, 1)
	go func() { done <- form.Run() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return huh.ErrUserAborted
	}
}

// detectTerminal detects the colors of the terminal, which package quiet prevents at the start.
func detectTerminal() {
	output := termenv.NewOutput(os.Stdout)
	lipgloss.SetColorProfile(output.EnvColorProfile())
	lipgloss.SetHasDarkBackground(output.HasDarkBackground())
}

func newForm(a *answers, offered []scaffold.Battery, askName bool) *huh.Form {
	name := huh.NewInput().Title("Name of the application").Placeholder("blog").
		Description("Lower-case letters, digits and dashes, or a path that ends in such a name.").
		Value(&a.name).Validate(checkPath)
	databases := huh.NewMultiSelect[string]().Title("Databases").
		Description("Development uses the first one.").
		Options(
			huh.NewOption("SQLite, embedded", "sqlite"),
			huh.NewOption("PostgreSQL", "postgres"),
			huh.NewOption("MySQL or MariaDB", "mysql"),
		).Value(&a.databases).Validate(atLeastOne)
	options := make([]huh.Option[scaffold.Battery], len(offered))
	for i, battery := range offered {
		options[i] = huh.NewOption(batteryTitles[battery], battery)
	}
	batteries := huh.NewMultiSelect[scaffold.Battery]().Title("Batteries").Options(options...).Value(&a.batteries)
	if askName {
		return huh.NewForm(huh.NewGroup(name), huh.NewGroup(databases), huh.NewGroup(batteries))
	}
	return huh.NewForm(huh.NewGroup(databases), huh.NewGroup(batteries))
}

// checkPath validates the name.
func checkPath(path string) error {
	dir, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if path == "" {
		return errors.New("the name is empty")
	}
	return scaffold.CheckName(filepath.Base(dir))
}

func atLeastOne(chosen []string) error {
	if len(chosen) == 0 {
		return errors.New("choose at least one")
	}
	return nil
}

// batteryTitles are the labels of the batteries.
var batteryTitles = map[scaffold.Battery]string{
	scaffold.Auth:  "Accounts: sign-up, log-in, sessions",
	scaffold.Admin: "Admin (requires accounts)",
	scaffold.API:   "JSON API",
}

// unselected returns the batteries that were not selected.
func unselected(offered, chosen []scaffold.Battery) []string {
	var without []string
	for _, battery := range offered {
		if !slices.Contains(chosen, battery) {
			without = append(without, string(battery))
		}
	}
	return without
}
