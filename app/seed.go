package app

import (
	"context"
	"fmt"
)

// Seed stores initial or example data. The command seed runs it, possibly several times, so it must not change existing
// data.
type Seed struct {
	// Name is the name of the seed on the command line: "posts".
	Name string
	// Run stores the data. The schema is up to date and the application is not started: jobs that it enqueues run once
	// a process serves. There is no transaction around it; use a.DB.Transaction.
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
