package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"
)

// sample is one measurement of one server.
type sample struct {
	perSecond float64
	p95       time.Duration
	cpu       time.Duration // of the server, for each request
}

// measure keeps connections busy with one path for some seconds.
func measure(ctx context.Context, s *server, path string, connections int, seconds float64) (sample, error) {
	if _, err := load(ctx, s, path, connections, seconds/10); err != nil { // warm up
		return sample{}, err
	}
	before, err := s.cpu()
	if err != nil {
		return sample{}, err
	}
	begin := time.Now()
	latencies, err := load(ctx, s, path, connections, seconds)
	took := time.Since(begin)
	if err != nil {
		return sample{}, err
	}
	after, err := s.cpu()
	if err != nil || len(latencies) == 0 {
		return sample{}, errors.Join(err, fmt.Errorf("%d requests answered", len(latencies)))
	}
	slices.Sort(latencies)
	return sample{
		perSecond: float64(len(latencies)) / took.Seconds(),
		p95:       latencies[len(latencies)*95/100],
		cpu:       (after - before) / time.Duration(len(latencies)),
	}, nil
}

// load sends requests over some connections, each waiting for its answer, and
// returns how long each took.
func load(ctx context.Context, s *server, path string, connections int, seconds float64) ([]time.Duration, error) {
	deadline := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	var mu sync.Mutex
	var all []time.Duration
	var errs []error
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			latencies, err := converse(ctx, s, path, deadline)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, latencies...)
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return all, errors.Join(errs...)
}

func converse(ctx context.Context, s *server, path string, deadline time.Time) ([]time.Duration, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // its work is done
	request := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: bench\r\n\r\n", path)
	reader := bufio.NewReaderSize(conn, 16<<10)
	var latencies []time.Duration
	for time.Now().Before(deadline) && ctx.Err() == nil {
		begin := time.Now()
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusOK {
			return nil, errors.Join(err, fmt.Errorf("%s answers with status %d", s.name, response.StatusCode))
		}
		latencies = append(latencies, time.Since(begin))
	}
	return latencies, ctx.Err()
}

// pinSelf moves the load to a core of its own, where taskset exists.
func pinSelf(core int) {
	if taskset, err := exec.LookPath("taskset"); err == nil {
		_ = exec.Command(taskset, "-a", "-c", "-p", strconv.Itoa(core), strconv.Itoa(os.Getpid())).Run()
	}
}

// results are the samples of each page and server, round by round.
type results map[string]map[string][]sample

func (r results) add(page, server string, s sample) {
	if r[page] == nil {
		r[page] = map[string][]sample{}
	}
	r[page][server] = append(r[page][server], s)
}

func (r results) print(out io.Writer) error {
	_, err := fmt.Fprintf(out, "\n%-6s %-9s %10s %8s %10s   ratios to bare echo: %10s %6s %6s\n",
		"page", "server", "requests/s", "p95", "CPU/req", "throughput", "p95", "CPU")
	for _, page := range slices.Sorted(maps.Keys(r)) {
		echo := r[page]["echo"]
		for _, server := range slices.Sorted(maps.Keys(r[page])) {
			s := r[page][server]
			_, printErr := fmt.Fprintf(out, "%-6s %-9s %10.0f %8s %10s   %31.2f %6.2f %6.2f\n", page, server,
				median(s, nil, throughput), time.Duration(median(s, nil, p95)).Round(time.Microsecond),
				time.Duration(median(s, nil, cpu)).Round(100*time.Nanosecond),
				median(s, echo, throughput), median(s, echo, p95), median(s, echo, cpu))
			err = errors.Join(err, printErr)
		}
	}
	return err
}

func throughput(s sample) float64 { return s.perSecond }
func p95(s sample) float64        { return float64(s.p95) }
func cpu(s sample) float64        { return float64(s.cpu) }

// median returns the median over the rounds of a figure, or of its ratio to the
// same round of base.
func median(s, base []sample, figure func(sample) float64) float64 {
	values := make([]float64, len(s))
	for i := range s {
		values[i] = figure(s[i])
		if base != nil {
			values[i] /= figure(base[i])
		}
	}
	slices.Sort(values)
	return values[len(values)/2]
}
