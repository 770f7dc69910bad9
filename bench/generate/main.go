// Command generate measures "covet generate resource" and "covet destroy" as whole commands, against "covet version",
// which does nothing, in the same rounds:
//
//	go run ./bench/generate -rounds 30
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const resource = "generate resource post title:string! body:text slug:string:unique author:belongs_to:user published_at:time? " +
	"price:decimal(10,2) status:enum(draft,live) cover:file rating:int:default=3"

func main() {
	rounds := flag.Int("rounds", 30, "how often each command runs")
	flag.Parse()
	if err := measure(context.Background(), *rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// measure makes an application and prints what each command takes in it.
func measure(ctx context.Context, rounds int) error {
	dir, err := os.MkdirTemp("", "covet-generate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	covet := filepath.Join(dir, "covet")
	checkout, err := os.Getwd()
	if err != nil {
		return err
	}
	linked := "-X github.com/covetgo/covet/cmd/covet/internal/cli.checkout=" + checkout
	if err := run(ctx, ".", "go", "build", "-ldflags", linked, "-o", covet, "./cmd/covet"); err != nil {
		return err
	}
	if err := run(ctx, dir, covet, "new", "blog", "--no-git", "--no-tidy"); err != nil {
		return err
	}
	application := filepath.Join(dir, "blog")
	commands := []string{"version", resource, resource + " --force", "destroy resource post --yes"}
	names := []string{"covet version", "covet generate resource, nine fields", "the same again", "covet destroy resource"}
	taken := make([][]time.Duration, len(commands))
	for range rounds {
		for i, command := range commands {
			before := time.Now()
			if err := run(ctx, application, covet, strings.Fields(command)...); err != nil {
				return err
			}
			taken[i] = append(taken[i], time.Since(before))
		}
	}
	trivial := median(taken[0])
	for i, name := range names {
		typical := median(taken[i])
		fmt.Printf("%-38s %5.0f ms  slowest %5.0f ms  %5.1f times covet version\n", name, milliseconds(typical),
			milliseconds(slices.Max(taken[i])), float64(typical)/float64(trivial))
	}
	return nil
}

func run(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the programs are ours
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s %v: %w\n%s", name, args, err, output)
	}
	return nil
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
