package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is a page in a headless Chromium.
type tab struct {
	ctx     context.Context //nolint:containedctx // chromedp keeps its tab in a context
	cancels []context.CancelFunc
}

func openTab(ctx context.Context) (*tab, error) {
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, errors.New("the measurement needs Chromium, as chromium, chromium-browser or google-chrome in PATH")
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox)
	allocator, cancelAllocator := chromedp.NewExecAllocator(ctx, opts...)
	opened, cancel := chromedp.NewContext(allocator)
	return &tab{ctx: opened, cancels: []context.CancelFunc{cancelAllocator, cancel}}, nil
}

func (t *tab) open(url string) error {
	return chromedp.Do(t.ctx, chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// wait asks the page again and again, every 5 ms, until a condition holds. A page that is just being replaced does not answer.
func (t *tab) wait(ctx context.Context, condition string) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(time.Minute)
	for {
		holds, err := chromedp.Run(t.ctx, chromedp.Evaluate[bool](condition)) //nolint:contextcheck // that of the tab
		if err == nil && holds {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline:
			return fmt.Errorf("the page never fulfils %s", condition)
		}
	}
}

func (t *tab) close() {
	for _, cancel := range slices.Backward(t.cancels) {
		cancel()
	}
}
