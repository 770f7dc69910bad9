// Package commands contains the commands of Covet App in addition to Covet's: run them with "covet NAME".
package commands

import (
	"github.com/covetgo/covet/app/command"
)

// All returns the commands. The application that they receive is not started yet.
func All() []command.Constructor {
	return []command.Constructor{}
}
