package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/identity"
)

func (p *program) seed() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "seed [NAME…]",
		Short: "Store initial or example data",
		Long: `Store initial or example data: every seed in the order of the application's list, or
only the named ones. A seed that fails stops the command; data that it and the
seeds before it have stored remains.

In production it requires --force, because seeds may contain fictional users.`,
		Example: "  " + p.name + " seed\n  " + p.name + " seed posts",
		Args:    usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, names []string) error {
			a, err := p.app(nil)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			return errors.Join(p.runSeeds(ctx, a, names, force), a.Stop(context.WithoutCancel(ctx)))
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "run in production, too")
	return cmd
}

func (p *program) runSeeds(ctx context.Context, a *covet.App, names []string, force bool) error {
	seeds, err := chooseSeeds(a.Seeds(), names)
	if err != nil {
		return err
	}
	if len(seeds) == 0 {
		fmt.Fprintln(p.out, "Nothing to do: the application has no seeds.")
		return nil
	}
	if a.Config.Production() && !force {
		return exit.New(exit.Refused, "Add --force if the seeds are intended for production.", "this is production: %s", a.DB.Server())
	}
	if err := a.DB.Ping(ctx); err != nil {
		return err
	}
	if err := p.requireSchema(ctx, a); err != nil {
		return err
	}
	ctx = identity.With(a.Context(ctx), identity.Actor{ID: "command", Name: "command line"})
	for _, seed := range seeds {
		start := time.Now()
		if err := seed.Run(ctx, a); err != nil {
			return fmt.Errorf("running seed %q: %w", seed.Name, err)
		}
		fmt.Fprintf(p.out, "Seeded %s (%s)\n", seed.Name, time.Since(start).Round(time.Millisecond))
	}
	return nil
}

// chooseSeeds returns the seeds with these names, or all if none is given, in the order of the list: a seed may need
// the data of earlier ones.
func chooseSeeds(seeds []covet.Seed, names []string) ([]covet.Seed, error) {
	if len(names) == 0 {
		return seeds, nil
	}
	known := make([]string, len(seeds))
	for i, seed := range seeds {
		known[i] = seed.Name
	}
	for _, name := range names {
		if slices.ContainsFunc(seeds, func(seed covet.Seed) bool { return seed.Name == name }) {
			continue
		}
		return nil, exit.New(exit.Usage, didYouMean(name, known), "there is no seed %q", name)
	}
	return slices.DeleteFunc(slices.Clone(seeds),
		func(seed covet.Seed) bool { return !slices.Contains(names, seed.Name) }), nil
}
