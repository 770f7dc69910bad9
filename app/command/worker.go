package command

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs"
)

func (p *program) worker() *cobra.Command {
	var f workerFlags
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Run background jobs and schedules",
		Long: `Run background jobs and schedules, without serving HTTP.

A worker shares its queue with the web processes through Redis, so it requires
REDIS_URL. Without REDIS_URL, the server runs the jobs itself.

--queues selects the queues to work, with weights: of two queues with waiting jobs, one
of weight 3 is polled three times as often as one of weight 1. With --strict, a queue is
only worked while all queues of greater weight are empty; without weights, all queues
before it in the list.

--liveness is an address on which the worker serves /health, with status 200 unless it
is stuck, and /ready, with status 200 while the database and Redis are available.`,
		Example: "  REDIS_URL=redis://localhost:6379 " + p.name + " worker\n" +
			p.examples("worker --queues mail,default:3 --concurrency 20", "worker --queues critical,default --strict",
				"worker --liveness 127.0.0.1:9000"),
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags, err := f.settings(cmd)
			if err != nil {
				return err
			}
			configured, err := p.load(nil)
			if err != nil {
				return err
			}
			a, err := p.app(flags)
			if err != nil {
				return err
			}
			if !a.Jobs.Shared() {
				return exit.New(exit.Unavailable,
					"Set REDIS_URL for the web and worker processes, for example REDIS_URL=redis://localhost:6379. "+
						"A worker also uses the queue of a covet serve that runs in the same folder. "+
						"Otherwise serve runs the jobs itself, and no worker is needed.",
					"a worker requires a shared queue, but the queue is embedded")
			}
			roles := covet.Roles{Work: true}
			if flags["jobs.queues"] != "" {
				roles.Queues = slices.Sorted(maps.Keys(a.Config.Jobs.Queues))
				warnUndeclared(cmd.Context(), a, configured.kernel.Jobs.Queues)
			}
			return p.runApp(cmd.Context(), a, roles)
		},
	}
	cmd.Flags().StringSliceVar(&f.queues, "queues", nil,
		"the only queues to work, with weights: mail,default:3 (default jobs.queues)")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "work a queue only while all of greater weight are empty")
	cmd.Flags().IntVar(&f.concurrency, "concurrency", 0, "maximum number of concurrent jobs (default jobs.concurrency)")
	cmd.Flags().StringVar(&f.liveness, "liveness", "",
		"address that serves /health and /ready (default worker.liveness)")
	return cmd
}

// workerFlags are the flags of a worker.
type workerFlags struct {
	queues      []string
	strict      bool
	concurrency int
	liveness    string
}

// settings returns the given flags as keys of the configuration.
func (f workerFlags) settings(cmd *cobra.Command) (map[string]string, error) {
	settings := map[string]string{}
	changed := cmd.Flags().Changed
	if changed("queues") {
		queues, err := parseQueues(f.queues, f.strict)
		if err != nil {
			return nil, err
		}
		settings["jobs.queues"] = queues
	}
	if changed("strict") {
		settings["jobs.strict_priority"] = strconv.FormatBool(f.strict)
	}
	if changed("concurrency") {
		if f.concurrency < 1 {
			return nil, exit.New(exit.Usage, "", "--concurrency is %d, expected 1 or more", f.concurrency)
		}
		settings["jobs.concurrency"] = strconv.Itoa(f.concurrency)
	}
	if changed("liveness") {
		settings["worker.liveness"] = f.liveness
	}
	return settings, nil
}

// warnUndeclared warns about queues of this process that no job declares and the configuration does not contain. It
// works them anyway: another release may enqueue jobs in them.
func warnUndeclared(ctx context.Context, a *covet.App, configured map[string]int) {
	known := a.Jobs.Inspector().DeclaredQueues()
	for name := range configured {
		known = append(known, name)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, name := range slices.Sorted(maps.Keys(a.Config.Jobs.Queues)) {
		if slices.Contains(known, name) {
			continue
		}
		attributes := []any{"queue", name, "known", strings.Join(known, ", ")}
		if question := didYouMean(name, known); question != "" {
			attributes = append(attributes, "hint", question)
		}
		a.Log.WarnContext(ctx, "no job declares a queue of this worker", attributes...)
	}
}

// parseQueues parses names with or without weights into the form of the configuration. In a strict order without
// weights, the first has the highest priority.
func parseQueues(list []string, strict bool) (string, error) {
	const hint = "Use the form mail,default:3."
	weighted := strings.Contains(strings.Join(list, ","), ":")
	var pairs []string
	seen := map[string]bool{}
	for i, item := range list {
		name, weight, given := strings.Cut(strings.TrimSpace(item), ":")
		if !given {
			weight = "1"
			if strict && !weighted {
				weight = strconv.Itoa(len(list) - i)
			}
		}
		if name == "" {
			return "", exit.New(exit.Usage, hint, "a name in --queues is empty")
		}
		if err := jobs.ValidateQueue(name); err != nil {
			return "", exit.Wrap(exit.Usage, hint, fmt.Errorf("--queues: %w", err))
		}
		if n, err := strconv.Atoi(weight); err != nil || n < 1 {
			return "", exit.New(exit.Usage, hint, "--queues: weight of %q is %q, expected a whole number from 1 on",
				name, plain(weight))
		}
		if seen[name] {
			return "", exit.New(exit.Usage, "List each once. A weight gives it a higher priority, as in "+name+":3.",
				"--queues contains %q twice", name)
		}
		seen[name] = true
		pairs = append(pairs, name+"="+weight)
	}
	if len(pairs) == 0 {
		return "", exit.New(exit.Usage, hint, "--queues is empty")
	}
	return strings.Join(pairs, ","), nil
}
