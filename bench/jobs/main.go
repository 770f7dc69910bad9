// Command jobs measures what the guarantees of package jobs cost, against asynq alone, and whether it is fast enough.
//
//	go run ./bench/jobs
//	go run ./bench/jobs -jobs 20000 -rounds 5
//	go run ./bench/jobs -only console -rows 1000000
//
// It needs Redis (TEST_REDIS_URL, database 15 of it, which is emptied) and PostgreSQL (TEST_POSTGRES_URL; it makes a
// schema of its own and drops it). Both sides keep finished tasks equally long: not at all. Rounds are interleaved, and
// medians reported, so that a slow moment of the machine hits both sides.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		slog.ErrorContext(ctx, "measuring", "error", err)
		os.Exit(1)
	}
}

// size is how much is measured.
type size struct{ jobs, rounds, concurrency, rows int }

func run(ctx context.Context, out io.Writer) error {
	var s size
	flag.IntVar(&s.jobs, "jobs", 10_000, "jobs of each round")
	flag.IntVar(&s.rounds, "rounds", 5, "rounds to take the median of")
	flag.IntVar(&s.concurrency, "concurrency", 20, "workers")
	flag.IntVar(&s.rows, "rows", 0, "rows of jobs to look through (0: leave that out)")
	only := flag.String("only", "", "one of direct, bulk, latency, embedded, idle, console (empty: all)")
	flag.Parse()
	for _, part := range []struct {
		name    string
		measure func(context.Context, io.Writer, size) error
	}{{"direct", direct}, {"bulk", bulk}, {"latency", latency}, {"embedded", embedded}, {"idle", idle}, {"console", console}} {
		if *only != "" && *only != part.name {
			continue
		}
		if err := part.measure(ctx, out, s); err != nil {
			return fmt.Errorf("measuring %s: %w", part.name, err)
		}
	}
	return nil
}

// report writes one line: what was measured, and what it has to reach.
func report(out io.Writer, what, got, want string) {
	fmt.Fprintf(out, "%-46s %-40s (to reach: %s)\n", what, got, want)
}
