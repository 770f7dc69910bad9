package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/doctor"
)

func newDoctor(s streams) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Diagnose problems and suggest fixes",
		Long: `Doctor checks the application and what it depends on: Go and git, the versions of the
library and of this command, views, migrations, generated code, the configuration,
and whether the database, Redis, the mail server and the port are available. Each
check prints one line, with a command that fixes the problem. Doctor builds and
changes nothing, and prints no password.

It exits with code 1 if a check failed. Warnings do not affect the exit code.`,
		Example: "  covet doctor\n  covet doctor --json",
		GroupID: groupApplication,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDoctor(cmd.Context(), s, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON: a list of name, status, detail and fix")
	return cmd
}

func runDoctor(ctx context.Context, s streams, asJSON bool) error {
	app, err := currentProject()
	if err != nil {
		return err
	}
	covet := buildVersion()
	stop := s.progress("running checks")
	findings := doctor.Examine(ctx, doctor.App{
		Root:     app.root,
		Name:     app.name,
		Version:  covet.Version,
		Checkout: covet.Checkout,
	})
	stop()
	if asJSON {
		encoder := json.NewEncoder(s.out)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(findings)
	} else {
		err = printFindings(s, findings)
	}
	if err != nil {
		return err
	}
	failures := 0
	for _, f := range findings {
		if f.Status == doctor.Failed {
			failures++
		}
	}
	if failures > 0 {
		return exit.New(exit.Failure, "Run the commands in the lines that begin with \"failed\".", "%d of %d checks failed",
			failures, len(findings))
	}
	return nil
}

// printFindings writes one line for each check.
func printFindings(s streams, findings []doctor.Finding) error {
	colored := s.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	for _, f := range findings {
		status := fmt.Sprintf("%-7s", f.Status)
		if colored {
			status = colors[f.Status] + status + "\x1b[0m"
		}
		line := fmt.Sprintf("%s  %-15s  %s", status, f.Name, f.Detail)
		if f.Fix != "" {
			line += ". Fix: " + f.Fix
		}
		if _, err := fmt.Fprintln(s.out, line); err != nil {
			return err
		}
	}
	return nil
}

// colors are the terminal's green, yellow and red.
var colors = map[doctor.Status]string{doctor.OK: "\x1b[32m", doctor.Warning: "\x1b[33m", doctor.Failed: "\x1b[31m"}
