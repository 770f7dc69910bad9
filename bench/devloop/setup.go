package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// bench is what is measured: a served application, its copy, and a tab of a browser.
type bench struct {
	covet, served, copied string
	address               string
	loop                  *exec.Cmd
	output                bytes.Buffer
	tab                   *tab
	closers               []func()
}

// page is a handler whose text is in its Go code, and the line that registers it.
const page = `package app

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

const marker = "go-start"

func measured(c echo.Context) error {
	return c.HTML(http.StatusOK, "<!doctype html><html><head><title>measured</title></head><body><p id=\"marker\">"+marker+"</p></body></html>")
}
`

// prepare makes both applications, serves one, and opens its page.
func prepare(ctx context.Context, dir string) (*bench, error) {
	b := &bench{covet: filepath.Join(dir, "covet"), served: filepath.Join(dir, "served", "blog"), copied: filepath.Join(dir, "copied", "blog")}
	checkout, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	linked := "-X github.com/covetgo/covet/cmd/covet/internal/cli.checkout=" + checkout
	if err := command(ctx, ".", "go", "build", "-ldflags", linked, "-o", b.covet, "./cmd/covet"); err != nil {
		return nil, err
	}
	for _, application := range []string{b.served, b.copied} {
		if err := b.makeApplication(ctx, application); err != nil {
			return nil, err
		}
	}
	if err := b.serve(ctx); err != nil {
		return nil, err
	}
	b.tab, err = openTab(ctx)
	if err != nil {
		b.close()
		return nil, err
	}
	b.closers = append(b.closers, b.tab.close)
	return b, nil
}

func (b *bench) makeApplication(ctx context.Context, dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o750); err != nil {
		return err
	}
	if err := command(ctx, filepath.Dir(dir), b.covet, "new", filepath.Base(dir), "--no-git", "--no-tidy"); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "app", "measured.go"), []byte(page), 0o600); err != nil {
		return err
	}
	err := replace(filepath.Join(dir, "app", "routes.go"), "e := a.Echo\n", "e := a.Echo\n\te.GET(\"/measured\", measured)\n")
	if err == nil {
		err = command(ctx, dir, "go", "build", "-o", filepath.Join(dir, "built"), "./cmd/blog")
	}
	return err
}

// serve runs the loop and waits until the application answers.
func (b *bench) serve(ctx context.Context) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	b.address = "http://" + listener.Addr().String()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err == nil {
		err = listener.Close()
	}
	if err != nil {
		return err
	}
	b.loop = exec.Command(b.covet, "serve", "--host", "127.0.0.1", "--port", port) //nolint:noctx,gosec // ended by a signal
	b.loop.Dir, b.loop.Stdout, b.loop.Stderr = b.served, &b.output, &b.output
	b.loop.Env = append(os.Environ(), "LOG_LEVEL=error")
	if err := b.loop.Start(); err != nil {
		return err
	}
	b.closers = append(b.closers, func() {
		_ = b.loop.Process.Signal(syscall.SIGTERM)
		_ = b.loop.Wait()
	})
	for begun := time.Now(); get(ctx, b.address+"/measured") != nil; time.Sleep(100 * time.Millisecond) {
		if time.Since(begun) > 3*time.Minute || ctx.Err() != nil {
			b.close()
			return fmt.Errorf("the application does not respond:\n%s", b.output.String())
		}
	}
	return nil
}

func (b *bench) close() {
	for i := range b.closers {
		b.closers[len(b.closers)-1-i]()
	}
	b.closers = nil
}

// get asks for a page, and returns an error unless it answers well.
func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the programs are ours
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s %v: %w\n%s", name, args, err, output)
	}
	return nil
}

// replace changes a text of a file, which has to be in it.
func replace(path, before, after string) error {
	content, err := os.ReadFile(path) //nolint:gosec // a file of the application made here
	if err != nil {
		return err
	}
	if !strings.Contains(string(content), before) {
		return fmt.Errorf("%s holds no %q", path, before)
	}
	return os.WriteFile(path, []byte(strings.Replace(string(content), before, after, 1)), 0o600)
}

// processorTime is what a process and its threads have used, and resident what it keeps in memory, in bytes (Linux).
func usage(pid int) (processorTime time.Duration, resident int64, err error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, 0, err
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	const utime, stime, rss = 11, 12, 21
	var values [3]int64
	for i, field := range []int{utime, stime, rss} {
		if values[i], err = strconv.ParseInt(fields[field], 10, 64); err != nil {
			return 0, 0, err
		}
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every architecture that Go supports
	return time.Duration(values[0]+values[1]) * tick, values[2] * int64(os.Getpagesize()), nil
}
