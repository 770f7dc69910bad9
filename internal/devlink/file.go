package devlink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// filePath is where a running dev server leaves its link for other commands, below the application's folder.
var filePath = filepath.Join(".covet", "loop.json")

const (
	maxFile      = 64 << 10
	aliveTimeout = time.Second
)

// Publish writes the link of a running dev server into .covet/loop.json of the application in root, readable by its
// owner only, for [Find]. The returned function removes it again, unless another dev server has written its own
// meanwhile. While a dev server that came before still runs, its link stays, and nothing is written.
//
// Threat: another local user reads the token, and with it the queue. The file is new and has its mode from the first
// moment; it replaces whatever was there, a link to elsewhere too.
func (l Link) Publish(ctx context.Context, root string) (remove func() error, err error) {
	if other, ok := Find(ctx, root); ok && other.Token != l.Token {
		return func() error { return nil }, nil
	}
	text, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encoding the link: %w", err)
	}
	path := filepath.Join(root, filePath)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("publishing the link of the dev server: %w", err)
	}
	if err := replace(path, text); err != nil {
		return nil, fmt.Errorf("publishing the link of the dev server: %w", err)
	}
	return func() error {
		if current, err := read(path); err != nil || current.Token != l.Token {
			return nil
		}
		return os.Remove(path)
	}, nil
}

// replace writes a file that only its owner can read, whole or not at all.
func replace(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".loop-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// Find returns the link of the dev server that runs in the application's folder root, and false when none runs there:
// there is no file, or its dev server does not answer, as after it was killed.
func Find(ctx context.Context, root string) (Link, bool) {
	l, err := read(filepath.Join(root, filePath))
	if err != nil {
		return Link{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	return l, l.ask(ctx, http.MethodGet, alivePath, nil) == nil
}

// errNoFile is the error for something else than a file with a link.
var errNoFile = errors.New("no link of a dev server")

func read(path string) (Link, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Link{}, err
	}
	if !info.Mode().IsRegular() { // a pipe would make us wait for ever
		return Link{}, errNoFile
	}
	file, err := os.Open(path) //nolint:gosec // below the application's own folder
	if err != nil {
		return Link{}, err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	var l Link
	if err := json.NewDecoder(io.LimitReader(file, maxFile)).Decode(&l); err != nil {
		return Link{}, fmt.Errorf("reading %s: %w", filePath, err)
	}
	if err := l.check(); err != nil {
		return Link{}, err
	}
	return l, nil
}
