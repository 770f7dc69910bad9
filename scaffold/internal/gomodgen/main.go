// Command gomodgen writes scaffold/gomod/go.mod.tmpl and go.sum.tmpl. It renders the skeleton for every choice of
// databases and batteries, lets "go mod tidy" complete each, and marks the lines that only some of them need:
//
//	go run ./scaffold/internal/gomodgen
//
// It runs in the root of the repository, and takes a minute.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "gomodgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	checkout, err := os.Getwd()
	if err != nil {
		return err
	}
	results, err := tidyAll(ctx, checkout)
	if err != nil {
		return err
	}
	mod, err := modTemplate(results)
	if err != nil {
		return fmt.Errorf("writing go.mod.tmpl: %w", err)
	}
	sum, err := sumTemplate(results)
	if err != nil {
		return fmt.Errorf("writing go.sum.tmpl: %w", err)
	}
	for name, text := range map[string]string{"go.mod.tmpl": mod, "go.sum.tmpl": sum} {
		if err := os.WriteFile(filepath.Join(checkout, "scaffold", "gomod", name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
