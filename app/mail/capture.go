package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// maxCaptured is the number of mails that a Folder keeps.
const maxCaptured = 200

// Folder captures mails as files instead of delivering them, so that the web and worker processes of one machine share
// what /dev/mail shows. It keeps the newest 200.
type Folder struct{ dir string }

// NewFolder returns a transport that captures mails in dir, which is created with the first mail.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// Deliver writes the mail to a new file.
func (f *Folder) Deliver(_ context.Context, e *Envelope) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("creating the mail folder: %w", err)
	}
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding the mail: %w", err)
	}
	name := e.Date.Format("20060102T150405.000000") + "_" + e.ID + ".json"
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path+".part", data, 0o600); err != nil {
		return fmt.Errorf("writing the mail: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("writing the mail: %w", err)
	}
	return f.prune()
}

// List returns the captured mails, newest first.
func (f *Folder) List() ([]*Envelope, error) {
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	list := make([]*Envelope, 0, len(names))
	for _, name := range slices.Backward(names) {
		e, err := f.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // pruned in the meantime
		}
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// Find returns the captured mail with an id. The error is [fs.ErrNotExist] if there is none.
func (f *Folder) Find(id string) (*Envelope, error) {
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_"+id+".json") {
			return f.read(name)
		}
	}
	return nil, fmt.Errorf("finding mail %q: %w", id, fs.ErrNotExist)
}

// Clear deletes all captured mails.
func (f *Folder) Clear() error {
	names, err := f.names()
	for _, name := range names {
		err = errors.Join(err, os.Remove(filepath.Join(f.dir, name)))
	}
	return err
}

func (f *Folder) read(name string) (*Envelope, error) {
	data, err := os.ReadFile(filepath.Join(f.dir, name)) //nolint:gosec // the name comes from listing the folder
	if err != nil {
		return nil, fmt.Errorf("reading captured mail: %w", err)
	}
	e := new(Envelope)
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("reading captured mail %s: %w", name, err)
	}
	return e, nil
}

// names returns the files of captured mails, oldest first.
func (f *Folder) names() ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing captured mails: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".json") {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

func (f *Folder) prune() error {
	names, err := f.names()
	for len(names) > maxCaptured {
		if removeErr := os.Remove(filepath.Join(f.dir, names[0])); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
		names = names[1:]
	}
	return err
}

// Memory captures mails in memory, for tests. The zero value is ready to use. It is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	sent []*Envelope
}

// Deliver keeps the message.
func (m *Memory) Deliver(_ context.Context, e *Envelope) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, e)
	return nil
}

// Sent returns the captured mails, oldest first.
func (m *Memory) Sent() []*Envelope {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sent)
}
