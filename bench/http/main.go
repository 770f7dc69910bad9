// Command http measures what the kernel costs: the skeleton application with all
// its middleware against bare echo and net/http that answer the same bytes.
//
//	go run ./bench/http            # 7 rounds, about three minutes
//	go run ./bench/http -rounds 15 -seconds 4
//
// Each round asks every server for the same time, one after the other, so that a
// slow moment of the machine hits all of them. The servers are pinned to one
// core and the load to another (Linux, with taskset). Reported are medians of the
// rounds, as ratios to bare echo in the same round; gaps under 15 % are noise on
// a busy machine. The application logs every request, as it does in production.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
)

// page is one thing that every server answers.
type page struct{ name, path string }

var pages = []page{{"JSON", "/api/status"}, {"HTML", "/"}}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		slog.ErrorContext(ctx, "measuring", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	rounds := flag.Int("rounds", 7, "rounds to take the median of")
	seconds := flag.Float64("seconds", 3, "length of each measurement")
	connections := flag.Int("connections", 16, "connections kept busy")
	flag.Parse()
	dir, err := os.MkdirTemp("", "covet-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder does no harm
	servers, err := build(ctx, dir)
	if err != nil {
		return err
	}
	defer stopAll(servers)
	for _, s := range servers {
		if err := s.start(ctx); err != nil {
			return err
		}
	}
	if err := sameBytes(ctx, servers); err != nil {
		return err
	}
	pinSelf(1)
	fmt.Fprintf(out, "At rest: the application uses %d MB and answered %d ms after its start (net/http: %d MB, %d ms).\n\n",
		servers[0].restMB, servers[0].startup.Milliseconds(), servers[2].restMB, servers[2].startup.Milliseconds())
	results := results{}
	for round := range *rounds {
		for _, p := range pages {
			for i := range servers {
				s := servers[(i+round)%len(servers)] // nobody is always first
				sample, err := measure(ctx, s, p.path, *connections, *seconds)
				if err != nil {
					return err
				}
				results.add(p.name, s.name, sample)
			}
		}
		fmt.Fprintf(out, "round %d of %d\n", round+1, *rounds)
	}
	return results.print(out)
}

// build compiles the application and the baselines.
func build(ctx context.Context, dir string) ([]*server, error) {
	for name, pkg := range map[string]string{"app": "./scaffold/skeleton/cmd/covetapp", "baseline": "./bench/http/internal/baseline"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, name), pkg)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		if err := cmd.Run(); err != nil {
			return nil, fmt.Errorf("building %s: %w", pkg, err)
		}
	}
	app := &server{
		name: "covet", port: 18080, dir: dir, args: []string{filepath.Join(dir, "app"), "serve"},
		env: []string{
			"APP_ENV=production", "APP_NAME=Covet App", "APP_URL=http://localhost:18080", "PORT=18080", "BIND=127.0.0.1",
			"SECRET_KEY=kZ3v9Qx1Lr7TtY5bNw2mHc8dPf4sGj6a", "SMTP_URL=smtp://localhost:1", "DATABASE_URL=sqlite:" + filepath.Join(dir, "bench.db"),
		},
	}
	migrate := exec.CommandContext(ctx, app.args[0], "migrate", "up")
	migrate.Dir, migrate.Env = dir, append(os.Environ(), app.env...)
	if output, err := migrate.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("migrating: %w\n%s", err, output)
	}
	baseline := filepath.Join(dir, "baseline")
	return []*server{
		app,
		{name: "echo", port: 18081, dir: dir, args: []string{baseline, "echo", "127.0.0.1:18081"}},
		{name: "net/http", port: 18082, dir: dir, args: []string{baseline, "net/http", "127.0.0.1:18082"}},
	}, nil
}

// sameBytes holds that the servers answer the same, so that the comparison is one.
func sameBytes(ctx context.Context, servers []*server) error {
	for _, p := range pages {
		var bodies []string
		for _, s := range servers {
			body, err := get(ctx, s.url(p.path))
			if err != nil {
				return err
			}
			bodies = append(bodies, body)
		}
		if len(slices.Compact(bodies)) != 1 {
			return fmt.Errorf("the servers answer %s differently: %q", p.path, bodies)
		}
	}
	return nil
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	return string(body), errors.Join(err, response.Body.Close())
}
