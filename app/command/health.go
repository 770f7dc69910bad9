package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
)

const (
	// livenessKey is the configuration key of a worker's address, and the value of --worker without an address.
	livenessKey = "worker.liveness"
	// healthTimeout is the timeout of a check; the health checks of containers wait three seconds.
	healthTimeout = 2 * time.Second
)

func (p *program) health() *cobra.Command {
	var worker string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Check the health of the server on this machine, or of a worker",
		Long: `Check the health of the server on this machine, at the configured port, or with
--worker of a worker, at the address in worker.liveness or at the given one. It is for
health checks of containers whose image contains only this binary.

It prints the answer of the process: "ok"; for a worker also "starting", "stopping",
or "waiting" while the database or Redis is unavailable. The exit code is then 0. It is
4 if there is no answer within two seconds, or if a worker is stuck.`,
		Example: p.examples("health", "health --worker", "health --worker=127.0.0.1:9091"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && worker == livenessKey {
				return exit.New(exit.Usage, "Use --worker="+args[0]+".",
					"the address of --worker must follow \"=\", not a space")
			}
			return usageArgs(cobra.NoArgs)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			address, role, err := p.healthAddress(worker)
			if err != nil {
				return err
			}
			status, err := fetchStatus(cmd.Context(), address, role)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(p.out, status)
			return err
		},
	}
	cmd.Flags().Var((*addressFlag)(&worker), "worker",
		"check the worker at this address (default worker.liveness)")
	cmd.Flags().Lookup("worker").NoOptDefVal = livenessKey
	return cmd
}

// addressFlag is a text that help calls an address.
type addressFlag string

func (a *addressFlag) String() string { return string(*a) }
func (*addressFlag) Type() string     { return "ADDRESS" }

// Set rejects an invalid address, so that it is a usage error.
func (a *addressFlag) Set(text string) error {
	if text != livenessKey {
		if _, err := connectAddress(text); err != nil {
			return err
		}
	}
	*a = addressFlag(text)
	return nil
}

// healthAddress returns the address to check, and the name of the process. With an address on the command line, it does
// not need the configuration.
func (p *program) healthAddress(worker string) (address, role string, err error) {
	if worker != "" && worker != livenessKey {
		address, err = connectAddress(worker)
		return address, "worker", err
	}
	l, err := p.load(nil)
	if err != nil {
		return "", "", err
	}
	if worker == "" {
		address, err = connectAddress(net.JoinHostPort(l.kernel.Bind, strconv.Itoa(l.kernel.Port)))
		return address, "server", exit.Wrap(exit.Config, "Set PORT to its port.", err)
	}
	configured := l.kernel.Worker.Liveness
	if configured == "" {
		return "", "", exit.New(exit.Config, "Set WORKER_LIVENESS to an address such as 127.0.0.1:9000, "+
			"for the worker and here, or give the one of worker --liveness, as --worker=127.0.0.1:9000.",
			"%s is empty, so workers have no health check", livenessKey)
	}
	if address, err = connectAddress(configured); err != nil {
		return "", "", exit.Wrap(exit.Config, "Set it to an address such as 127.0.0.1:9000.",
			fmt.Errorf("%s: %w", livenessKey, err))
	}
	return address, "worker", nil
}

// connectAddress validates an address and replaces an unspecified host, such as 0.0.0.0, by localhost.
func connectAddress(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%q is not an address such as 127.0.0.1:9000", plain(address))
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("%q has no port between 1 and 65535", plain(address))
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

// fetchStatus returns the status that the process at address reports.
func fetchStatus(ctx context.Context, address, role string) (status string, err error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := "http://" + address + "/health"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", exit.New(exit.Usage, "Use the form 127.0.0.1:9000.", "%q is not an address", plain(address))
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy: the process is local
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return "", connectionError(address, role, err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return "", connectionError(address, role, err)
	}
	var health struct {
		Status string `json:"status"`
	}
	if json.Unmarshal(body, &health) != nil || health.Status == "" {
		return "", exit.New(exit.Unavailable, "Another program may be listening there: check the address.",
			"%s responds with status %d, but not like a %s", url, response.StatusCode, role)
	}
	if response.StatusCode != http.StatusOK {
		return "", exit.New(exit.Unavailable, "Check its log and restart it.",
			"the %s at %s reports that it is %s (status %d)", role, address, plain(health.Status), response.StatusCode)
	}
	return plain(health.Status), nil
}

// connectionError returns the error for a process that does not respond, with a hint.
func connectionError(address, role string, err error) error {
	start := "Start it with serve, or check the port."
	if role == "worker" {
		start = "Start it with worker --liveness " + address + ", or check the address."
	}
	var unknown *net.DNSError
	var dialing *net.OpError
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &unknown):
		return exit.New(exit.Unavailable, "Check the address.", "there is no host %q", plain(unknown.Name))
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return exit.New(exit.Unavailable, "It may be overloaded, stopped or unreachable. Check its log.",
			"the %s at %s did not respond within %s", role, address, healthTimeout)
	case errors.As(err, &dialing) && dialing.Op == "dial":
		return exit.New(exit.Unavailable, start, "nothing listens on %s", address)
	}
	return exit.New(exit.Unavailable, "Another program may be listening there, or the process has just exited: check the address.",
		"the program on %s does not respond like a %s", address, role)
}
