package build

import (
	"errors"
	"os/exec"
	"regexp"
	"strings"

	"github.com/covetgo/covet/app/exit"
)

// unwritableHint is the hint for a binary that cannot be written.
const unwritableHint = "Make the application's .covet folder writable, or free some disk space."

var missingModule = regexp.MustCompile(`(?m)^\s*(go get \S+)$`)

// Hint returns what to do about the messages of a failed build, or "" if the messages say it themselves.
func Hint(output string) string {
	if strings.Contains(output, "no required module provides package") {
		if match := missingModule.FindStringSubmatch(output); match != nil {
			return "Run \"" + match[1] + "\" in the application, or fix the import."
		}
	}
	for _, known := range []struct{ message, hint string }{
		{"go mod tidy", "Run \"go mod tidy\" in the application."},
		{"missing go.sum entry", "Run \"go mod tidy\" in the application."},
		{"inconsistent vendoring", "Run \"go mod vendor\" in the application."},
		{"requires go >=", "Install a newer version of Go from https://go.dev/dl, or let Go fetch it with GOTOOLCHAIN=auto."},
		{"not one of the workspace modules", "Run \"go work use .\" in the application, or set GOWORK=off."},
		{"no space left on device", "Free some disk space, for example with \"go clean -cache\"."},
		{"dial tcp", "A module must be downloaded, but the network is unavailable. Try again with a connection."},
		{
			"replacement directory",
			"The checkout of Covet in the replace line of go.mod no longer exists. Change or remove the line.",
		},
		{"permission denied", unwritableHint},
		{"read-only file system", unwritableHint},
	} {
		if strings.Contains(output, known.message) {
			return known.hint
		}
	}
	return ""
}

// FindGo returns the path of the go command.
func FindGo() (string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return "", exit.Wrap(exit.Unavailable,
			"Install Go from https://go.dev/dl and make sure that its bin folder is in PATH.",
			errors.New("the go command, which builds the application, is not in PATH"))
	}
	return path, nil
}
