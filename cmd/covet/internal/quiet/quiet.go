// Package quiet keeps the terminal quiet until a command wants to talk to it. The library that draws prompts asks the
// terminal for its background colour when the program starts, which costs every command a round trip, and up to five
// seconds where nothing answers. It does not ask a terminal called "dumb", so TERM has that value until main begins:
//
//	func Main() int {
//		quiet.Restore()
//
// The Go specification initialises packages in the order of their import paths once their own imports are initialised.
// This package imports only os and comes before github.com/muesli/termenv, which every package that asks depends on.
package quiet

import "os"

// What the user's environment says, read before it is hidden.
var terminal, known = hide()

func hide() (string, bool) {
	name, set := os.LookupEnv("TERM")
	if set {
		_ = os.Setenv("TERM", "dumb") // fails for impossible names only
	}
	return name, set
}

// Restore gives TERM back the value that the program was started with.
func Restore() {
	if known {
		_ = os.Setenv("TERM", terminal)
	}
}
