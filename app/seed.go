package app

import (
	"context"
	"fmt"
)

// Seed stores something to begin with: what every installation needs, or examples for developers. The command seed runs
// it, as often as somebody likes, so it should leave alone what is there already.
type Seed struct {
	// Name is what the command line calls the seed: "posts".
	Name string
	// Run stores what the seed is for. The database is up to date and the application not started: jobs that it
	// enqueues are worked once something serves. There is no transaction around it; a.DB.Transaction begins one.
	Run func(ctx context.Context, a *App) error
}

// Seeds returns the seeds of the application, in order.
func (a *App) Seeds() []Seed { return append([]Seed(nil), a.opts.Seeds...) }

// checkSeeds returns an error for seeds that the command line could not name or run.
func checkSeeds(seeds []Seed) error {
	taken := map[string]bool{}
	for i, seed := range seeds {
		switch {
		case seed.Name == "":
			return fmt.Errorf("adding seed %d: it has no name", i+1)
		case taken[seed.Name]:
			return fmt.Errorf("adding seed %q: another one has this name", seed.Name)
		case seed.Run == nil:
			return fmt.Errorf("adding seed %q: it has nothing to run", seed.Name)
		}
		taken[seed.Name] = true
	}
	return nil
}
