// Package seeds holds what Covet App begins with: "covet seed" stores it.
package seeds

import (
	covet "github.com/covetgo/covet/app"
)

// All are the seeds in the order in which they run. Each leaves alone what is there already, as it may run again.
func All() []covet.Seed {
	return []covet.Seed{}
}
