// Package seeds contains initial and example data of Covet App, which "covet seed" stores.
package seeds

import (
	covet "github.com/covetgo/covet/app"
)

// All returns the seeds in the order in which they run. A seed may run again and must not change existing data.
func All() []covet.Seed {
	return []covet.Seed{}
}
