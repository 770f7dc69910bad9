package command

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
)

func (p *program) health() *cobra.Command {
	var worker bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the process that serves on this machine whether it lives",
		Long: `Ask the process that serves on this machine whether it lives, for the health
check of a container. It asks the configured port, or with --worker the address in
worker.liveness.`,
		Example: p.examples("health", "health --worker"),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := p.load(nil)
			if err != nil {
				return err
			}
			if worker {
				return askWorker(cmd.Context(), l.kernel.Worker.Liveness)
			}
			host := l.kernel.Bind
			if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
				host = "localhost"
			}
			return askHealth(cmd.Context(), "http://"+net.JoinHostPort(host, strconv.Itoa(l.kernel.Port))+"/health")
		},
	}
	cmd.Flags().BoolVar(&worker, "worker", false, "ask the worker instead")
	return cmd
}

// askWorker asks a worker that listens on every address of this machine at one of them.
func askWorker(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return exit.New(exit.Config, "Set it to an address such as 127.0.0.1:9000.", "worker.liveness is %q, so no worker answers", address)
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return askHealth(ctx, "http://"+net.JoinHostPort(host, port)+"/health")
}

func askHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("asking %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return exit.New(exit.Unavailable, "Start it with serve, or worker.", "nothing answers at %s", url)
	}
	if err := response.Body.Close(); err != nil {
		return fmt.Errorf("asking %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return exit.New(exit.Unavailable, "Look at its log.", "%s answers with status %d", url, response.StatusCode)
	}
	return nil
}
