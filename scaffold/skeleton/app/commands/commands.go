// Package commands holds the commands of Covet App beyond those that Covet brings: "covet NAME" runs the one of that
// name.
package commands

import (
	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
)

// All are the commands, which are made for a and not run yet.
func All(a *covet.App) []*cobra.Command { //nolint:revive // a is for the commands to come
	return []*cobra.Command{}
}
