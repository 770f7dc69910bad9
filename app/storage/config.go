package storage

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
)

// Config configures the storage of files.
type Config struct {
	// URL is the store: "file:///var/lib/blog/files" is a folder of this machine. Defaults to the folder "files" in the
	// application's data folder (app.data_dir).
	URL string `doc:"store of files: file:///path; empty: the folder files in app.data_dir"`
}

// ErrURL is wrapped by errors of [New] for an invalid URL.
var ErrURL = errors.New("expected a URL such as file:///var/lib/blog/files")

// New returns the store that cfg configures. dir is the folder for an empty URL. Its errors never repeat the URL, which
// may contain a password.
func New(cfg Config, dir string) (Store, error) {
	if cfg.URL == "" {
		return NewFolder(dir), nil
	}
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Scheme == "":
		return nil, ErrURL
	case u.Scheme != "file":
		return nil, fmt.Errorf("%w: no store for the scheme %q", ErrURL, u.Scheme)
	case u.Host != "" || u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%w: file: must be followed by three slashes and an absolute path only", ErrURL)
	case u.Path == "" || u.Path == "/":
		return nil, fmt.Errorf("%w: the path is missing", ErrURL)
	}
	return NewFolder(filepath.FromSlash(u.Path)), nil
}
