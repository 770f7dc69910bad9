package command

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
)

func (p *program) worker() *cobra.Command {
	var f workerFlags
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Run background jobs and schedules",
		Long: `Run background jobs and schedules, without serving HTTP.

A worker shares its queue with the web processes through Redis, so it needs a
REDIS_URL. Without one the process that serves works the jobs itself.

--queues names the only queues to work, with weights: of two queues that both hold
jobs, one of weight 3 is asked three times as often as one of weight 1. With
--strict a queue is worked only while all those of greater weight are empty;
without weights, those before it in the list.

--liveness is an address on which the worker answers /health, with 200 unless it is
stuck, and /ready, with 200 while the database and Redis answer.`,
		Example: "  REDIS_URL=redis://localhost:6379 " + p.name + " worker\n" +
			p.examples("worker --queues mail,default:3 --concurrency 20", "worker --queues critical,default --strict", "worker --liveness 127.0.0.1:9000"),
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags, err := f.settings(cmd)
			if err != nil {
				return err
			}
			a, err := p.app(flags)
			if err != nil {
				return err
			}
			if !a.Jobs.Shared() {
				return exit.New(exit.Unavailable,
					"Set REDIS_URL for the web and worker processes, such as REDIS_URL=redis://localhost:6379. A worker also shares the queue of a covet serve that runs in the same folder. Otherwise serve works the jobs itself, and no worker is needed.",
					"a worker needs a queue to share, and the queue is embedded")
			}
			return p.runApp(cmd.Context(), a, covet.Roles{Work: true})
		},
	}
	cmd.Flags().StringSliceVar(&f.queues, "queues", nil, "the only queues to work, with weights: mail,default:3 (default jobs.queues)")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "work a queue only while those of greater weight are empty")
	cmd.Flags().IntVar(&f.concurrency, "concurrency", 0, "jobs that run at a time (default jobs.concurrency)")
	cmd.Flags().StringVar(&f.liveness, "liveness", "", "address on which to answer /health and /ready (default worker.liveness)")
	return cmd
}

// workerFlags are what the flags of a worker say.
type workerFlags struct {
	queues      []string
	strict      bool
	concurrency int
	liveness    string
}

// settings returns the flags that were given as keys of the configuration.
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

// parseQueues reads names with or without weights, and writes them as the configuration does. In a strict order without
// weights, the first is the most urgent.
func parseQueues(list []string, strict bool) (string, error) {
	weighted := strings.Contains(strings.Join(list, ","), ":")
	var pairs []string
	for i, item := range list {
		name, weight, given := strings.Cut(strings.TrimSpace(item), ":")
		if !given {
			weight = "1"
			if strict && !weighted {
				weight = strconv.Itoa(len(list) - i)
			}
		}
		if n, err := strconv.Atoi(weight); err != nil || n < 1 || name == "" || strings.Contains(name, "=") {
			return "", exit.New(exit.Usage, "Write them as mail,default:3.", "%q in --queues is no queue with a weight", plain(item))
		}
		pairs = append(pairs, name+"="+weight)
	}
	if len(pairs) == 0 {
		return "", exit.New(exit.Usage, "Write them as mail,default:3.", "--queues names none")
	}
	return strings.Join(pairs, ","), nil
}
