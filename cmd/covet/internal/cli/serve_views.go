package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/covetgo/covet/cmd/covet/internal/devserver"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/views"
)

// templates are the templates of one application. They are opened again when go.mod changes, because it may require
// another version of templ.
type templates struct {
	root string

	mu  sync.Mutex
	set *views.Set
	mod []byte
}

// open returns the templates for the current go.mod.
func (t *templates) open() (*views.Set, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	mod, err := os.ReadFile(filepath.Join(t.root, "go.mod"))
	if err == nil && t.set != nil && bytes.Equal(mod, t.mod) {
		return t.set, nil
	}
	set, err := views.Open(t.root)
	if err != nil {
		return nil, err
	}
	t.set, t.mod = set, mod
	return set, nil
}

// refresh generates code for the dev server.
func (t *templates) refresh(paths ...string) (devserver.Refreshed, error) {
	set, err := t.open()
	if err != nil {
		return devserver.Refreshed{}, err
	}
	change, err := set.Refresh(paths...)
	refreshed := devserver.Refreshed{Code: change.Code, Text: change.Text, Written: change.Written}
	var mistakes *views.Error
	if !errors.As(err, &mistakes) {
		return refreshed, err
	}
	faulty := &devserver.TemplateError{Err: err}
	for _, p := range mistakes.Problems {
		faulty.Problems = append(faulty.Problems, build.Problem{
			File:    p.File,
			Line:    p.Line,
			Column:  p.Column,
			Message: p.Message,
		})
	}
	return refreshed, faulty
}

// texts returns the environment in which a process shows changed texts without a build.
func (t *templates) texts(ctx context.Context, binary, folder string) ([]string, error) {
	set, err := t.open()
	if err != nil {
		return nil, err
	}
	return set.Texts(ctx, binary, folder)
}
