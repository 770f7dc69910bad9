// Package quiet prevents queries to the terminal until a command needs them. The library that draws prompts queries the
// terminal's background color when the program starts, which costs every command a round trip, and up to five seconds
// if the terminal does not respond. It does not query a terminal called "dumb", so TERM has that value until main
// begins:
//
//	func Main() int {
//		quiet.Restore()
//
// The Go specification initializes packages in the order of their import paths once their own imports are initialized.
// This package imports only os and sorts before github.com/muesli/termenv, which every package with such queries
// imports.
package quiet

import "os"

// The original values of the environment.
var terminal, known = hide()

func hide() (string, bool) {
	name, set := os.LookupEnv("TERM")
	if set {
		_ = os.Setenv("TERM", "dumb") // fails only for invalid names
	}
	return name, set
}

// Restore sets TERM to its original value.
func Restore() {
	if known {
		_ = os.Setenv("TERM", terminal)
	}
}
