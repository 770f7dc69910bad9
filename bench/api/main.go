// Command api measures what typed endpoints cost: the same answers by a typed
// endpoint and by a handler of echo, in one process, behind the same middleware.
//
//	go run ./bench/api            # 7 rounds, about two minutes
//	go run ./bench/api -rounds 15 -seconds 3
//
// Reading compares with a handler that answers the same JSON and reads nothing;
// writing with echo's Bind and go-playground/validator. In each round each path is
// asked for the same time, one after the other; reported are medians of the
// rounds, as ratios within a round. The server is pinned to one core, and the load
// to another (Linux, with taskset).
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const example = `{"title":"Typed endpoints","body":"From an input struct to an output struct, checked on the way in.",` +
	`"email":"ada@example.com","state":"public","rating":4,"tags":["go","api"],"author":{"name":"Ada Lovelace","age":36}}`

// target is one path under load.
type target struct{ name, method, path, body string }

var targets = []target{
	{"GET typed", http.MethodGet, "/api/posts/7", ""},
	{"GET echo", http.MethodGet, "/bare/posts/7", ""},
	{"POST typed", http.MethodPost, "/api/posts", example},
	{"POST echo", http.MethodPost, "/plain/posts", example},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 7, "rounds to take the median of")
	seconds := flag.Float64("seconds", 3, "length of each measurement")
	serving := flag.Bool("serve", false, "be the server, and print its address")
	flag.Parse()
	run := func() error { return measure(ctx, os.Stdout, *rounds, *seconds) }
	if *serving {
		run = serve
	}
	if err := run(); err != nil {
		slog.ErrorContext(ctx, "measuring", "error", err)
		os.Exit(1)
	}
}

func serve() error {
	a, err := newApp()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, a.Echo) //nolint:gosec // it serves the load of this program alone
}

func measure(ctx context.Context, out io.Writer, rounds int, seconds float64) error {
	address, stop, err := start(ctx)
	if err != nil {
		return err
	}
	defer stop()
	figures := map[string][]float64{}
	for round := range rounds {
		for i := range targets {
			t := targets[(i+round)%len(targets)] // nobody is always first
			if _, err := load(ctx, address, t, seconds/10); err != nil {
				return err
			}
			perSecond, err := load(ctx, address, t, seconds)
			if err != nil {
				return err
			}
			figures[t.name] = append(figures[t.name], perSecond)
		}
	}
	for _, method := range []string{"GET", "POST"} {
		typed, echo := figures[method+" typed"], figures[method+" echo"]
		ratios := make([]float64, rounds)
		for i := range ratios {
			ratios[i] = typed[i] / echo[i]
		}
		if _, err := fmt.Fprintf(out, "%-4s  typed %6.0f/s  echo %6.0f/s  ratio %.2f (%.2f to %.2f)\n", method, median(typed), median(echo), median(ratios), slices.Min(ratios), slices.Max(ratios)); err != nil {
			return err
		}
	}
	return nil
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// start runs this program as the server, on one core, and moves itself to another.
func start(ctx context.Context) (address string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	args := []string{self, "-serve"}
	if taskset, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{taskset, "-c", "0"}, args...)
		_ = exec.CommandContext(ctx, taskset, "-a", "-c", "-p", "1", strconv.Itoa(os.Getpid())).Run() // without it the figures are only less even
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env, cmd.Stderr = append(os.Environ(), "GOMAXPROCS=1"), os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting the server: %w", err)
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	return strings.TrimSpace(line), func() { _, _ = cmd.Process.Kill(), cmd.Wait() }, err
}

// load keeps 16 connections busy and returns how many requests were answered in a second.
func load(ctx context.Context, address string, t target, seconds float64) (float64, error) {
	begin := time.Now()
	deadline := begin.Add(time.Duration(seconds * float64(time.Second)))
	var answered atomic.Int64
	var wg sync.WaitGroup
	failures := make(chan error, 16)
	for range 16 {
		wg.Go(func() { failures <- converse(ctx, address, t, deadline, &answered) })
	}
	wg.Wait()
	close(failures)
	var errs []error
	for err := range failures {
		errs = append(errs, err)
	}
	return float64(answered.Load()) / time.Since(begin).Seconds(), errors.Join(errs...)
}

func converse(ctx context.Context, address string, t target, deadline time.Time, answered *atomic.Int64) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // its work is done
	request := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n", t.method, t.path)
	if t.body != "" {
		request = fmt.Appendf(request, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(t.body))
	}
	request = fmt.Appendf(request, "\r\n%s", t.body)
	reader := bufio.NewReaderSize(conn, 16<<10)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusOK {
			return errors.Join(err, fmt.Errorf("%s answers with status %d", t.name, response.StatusCode))
		}
		answered.Add(1)
	}
	return ctx.Err()
}
