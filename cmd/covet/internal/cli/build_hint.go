package cli

import "strings"

// buildHint says what to do about the messages of a failed build.
func buildHint(output string) string {
	for _, known := range []struct{ message, hint string }{
		{"go mod tidy", "Run \"go mod tidy\" in the application."},
		{"missing go.sum entry", "Run \"go mod tidy\" in the application."},
		{"requires go >=", "Install a newer Go from https://go.dev/dl, or let Go fetch it with GOTOOLCHAIN=auto."},
		{"no space left on device", "Free some disk space, for example with \"go clean -cache\"."},
		{"dial tcp", "A module has to be downloaded and the network does not answer; try again with a connection."},
		{"replacement directory", "The checkout of Covet that go.mod names in its replace line is gone; change or remove the line."},
	} {
		if strings.Contains(output, known.message) {
			return known.hint
		}
	}
	return "The messages above say where; correct the code and run the command again."
}
