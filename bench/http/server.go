package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// server is one process under measurement.
type server struct {
	name string
	port int
	dir  string
	args []string
	env  []string

	cmd     *exec.Cmd
	startup time.Duration
	restMB  int
}

func (s *server) url(path string) string { return fmt.Sprintf("http://127.0.0.1:%d%s", s.port, path) }

// start runs the server on the first core, and waits until it answers.
func (s *server) start(ctx context.Context) error {
	args := s.args
	if taskset, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{taskset, "-c", "0"}, args...)
	}
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Dir, s.cmd.Env = s.dir, append(os.Environ(), append(s.env, "GOMAXPROCS=1")...)
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", s.name, err)
	}
	for {
		if _, err := get(ctx, s.url("/")); err == nil {
			break
		}
		if time.Since(begin) > 20*time.Second {
			return fmt.Errorf("%s does not answer", s.name)
		}
	}
	s.startup = time.Since(begin)
	rss, err := s.rss()
	s.restMB = rss >> 20
	return err
}

func stopAll(servers []*server) {
	for _, s := range servers {
		if s.cmd != nil {
			_ = s.cmd.Process.Signal(os.Interrupt)
			_ = s.cmd.Wait()
		}
	}
}

// rss is the resident memory in bytes (proc(5), /proc/pid/statm).
func (s *server) rss() (int, error) {
	fields, err := s.proc("statm")
	if err != nil || len(fields) < 2 {
		return 0, errors.Join(err, errors.New("reading the memory in use"))
	}
	pages, err := strconv.Atoi(fields[1])
	return pages * os.Getpagesize(), err
}

// cpu is the processor time used so far (proc(5), /proc/pid/stat, in ticks of 10 ms).
func (s *server) cpu() (time.Duration, error) {
	fields, err := s.proc("stat")
	if err != nil || len(fields) < 15 {
		return 0, errors.Join(err, errors.New("reading the processor time"))
	}
	user, err := strconv.Atoi(fields[13])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[14])
	return time.Duration(user+system) * 10 * time.Millisecond, err
}

func (s *server) proc(name string) ([]string, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, name))
	if err != nil {
		return nil, fmt.Errorf("reading from /proc, which only Linux has: %w", err)
	}
	return strings.Fields(string(data)), nil
}
