package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

var goMarker = regexp.MustCompile(`const marker = "[^"]*"`)

// mark puts a marker into the Go code of an application.
func mark(application, marker string) error {
	path := filepath.Join(application, "app", "measured.go")
	content, err := os.ReadFile(path) //nolint:gosec // a file of the application made here
	if err != nil {
		return err
	}
	return os.WriteFile(path, goMarker.ReplaceAll(content, []byte(`const marker = "`+marker+`"`)), 0o600)
}

// plainBuild edits the copy and runs go build.
func (b *bench) plainBuild(ctx context.Context, marker string) (time.Duration, error) {
	if err := mark(b.copied, marker); err != nil {
		return 0, err
	}
	begun := time.Now()
	cmd := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(b.copied, "built"), "./cmd/blog") //nolint:gosec // as a person would
	cmd.Dir = b.copied
	output, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, output)
	}
	return time.Since(begun), err
}

// editGo edits the served application and waits for the page that reloads itself.
func (b *bench) editGo(ctx context.Context, marker string) (time.Duration, error) {
	if err := b.tab.open(b.address + "/measured"); err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := mark(b.served, marker); err != nil {
		return 0, err
	}
	err := b.tab.wait(ctx, fmt.Sprintf(`document.querySelector("#marker")?.textContent === %q`, marker))
	return time.Since(begun), b.explain(err)
}

var heading = regexp.MustCompile(`<h1>[^<]*</h1>`)

// editText changes a heading, as text of a template.
func (b *bench) editText(ctx context.Context, marker string) (time.Duration, error) {
	if err := b.tab.open(b.address + "/"); err != nil {
		return 0, err
	}
	path := filepath.Join(b.served, "app", "views", "home.templ")
	content, err := os.ReadFile(path) //nolint:gosec // a file of the application made here
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := os.WriteFile(path, heading.ReplaceAll(content, []byte("<h1>"+marker+"</h1>")), 0o600); err != nil {
		return 0, err
	}
	err = b.tab.wait(ctx, fmt.Sprintf(`document.querySelector("h1")?.textContent === %q`, marker))
	return time.Since(begun), b.explain(err)
}

// editCSS adds a custom property to the stylesheet, and holds that the page was not loaded again for it.
func (b *bench) editCSS(ctx context.Context, marker string) (time.Duration, error) {
	if err := b.tab.open(b.address + "/"); err != nil {
		return 0, err
	}
	if err := b.tab.wait(ctx, `(window.kept = true)`); err != nil {
		return 0, err
	}
	path := filepath.Join(b.served, "app", "assets", "css", "app.css")
	content, err := os.ReadFile(path) //nolint:gosec // a file of the application made here
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := os.WriteFile(path, append(content, []byte("\n:root { --marker: "+marker+"; }\n")...), 0o600); err != nil {
		return 0, err
	}
	err = b.tab.wait(ctx, fmt.Sprintf(`getComputedStyle(document.documentElement).getPropertyValue("--marker").trim() === %q`, marker))
	took := time.Since(begun)
	if err == nil {
		if err = b.tab.wait(ctx, `window.kept === true`); err != nil {
			err = fmt.Errorf("the page was loaded again: %w", err)
		}
	}
	return took, b.explain(err)
}

// explain adds what the loop has printed.
func (b *bench) explain(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; the loop printed:\n%s", err, b.output.String())
}
