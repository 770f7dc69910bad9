// Package commands holds the commands of Covet App beyond those that Covet brings: "covet NAME" runs the one of that
// name.
package commands

import (
	"github.com/covetgo/covet/app/command"
)

// All make the commands, for an application that is not started yet.
func All() []command.Constructor {
	return []command.Constructor{}
}
