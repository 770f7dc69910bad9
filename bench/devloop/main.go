// Command devloop measures the development loop of "covet serve" as its user meets it: from saving a file to the page
// in Chromium, against "go build" of the same program after the same edit, in the same rounds.
//
//	go run ./bench/devloop                 # 9 rounds, about three minutes
//	go run ./bench/devloop -rounds 21 -idle 60s
//
// It makes two equal applications. One is served and edited; in the other, which nobody watches, the same edit is
// followed by a plain "go build". Both compile with warm caches and one after the other, so that a slow moment of the
// machine hits both. Reported are medians. At the end it counts the requests that failed in a steady stream during
// good edits, and the memory and processor time of the loop at rest in a tree of 5,000 files.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		slog.ErrorContext(ctx, "measuring", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 9, "edits of each kind")
	edits := flag.Int("edits", 20, "good edits during the stream of requests")
	idle := flag.Duration("idle", 30*time.Second, "how long the loop is watched at rest")
	files := flag.Int("files", 5000, "files in the tree of the loop at rest")
	flag.Parse()
	dir, err := os.MkdirTemp("", "covet-devloop")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := prepare(ctx, dir)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.compare(ctx, *rounds); err != nil {
		return err
	}
	if err := b.stream(ctx, *edits); err != nil {
		return err
	}
	return b.rest(ctx, *files, *idle)
}

// compare edits in turn and prints how long each kind takes.
func (b *bench) compare(ctx context.Context, rounds int) error {
	kinds := []struct {
		name string
		edit func(context.Context, string) (time.Duration, error)
	}{
		{"go build, another copy", b.plainBuild},
		{"Go edit to reloaded page", b.editGo},
		{"template text to page", b.editText},
		{"css to page", b.editCSS},
	}
	taken := make([][]time.Duration, len(kinds))
	for round := range rounds + 1 {
		for i, kind := range kinds {
			took, err := kind.edit(ctx, fmt.Sprintf("round%d", round))
			if err != nil {
				return fmt.Errorf("%s: %w", kind.name, err)
			}
			if round > 0 { // the first one warms the caches
				taken[i] = append(taken[i], took)
			}
		}
	}
	build := median(taken[0])
	for i, kind := range kinds {
		typical := median(taken[i])
		fmt.Printf("%-28s %6.0f ms  fastest %6.0f  slowest %6.0f  %.2f times go build\n", kind.name, milliseconds(typical),
			milliseconds(slices.Min(taken[i])), milliseconds(slices.Max(taken[i])), float64(typical)/float64(build))
	}
	allowed := time.Duration(1.3*float64(build)) + 150*time.Millisecond
	fmt.Printf("goal for a Go edit: at most 1.3 times go build and 150 ms, here %.0f ms\n", milliseconds(allowed))
	return nil
}

func median(list []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(list))[len(list)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
