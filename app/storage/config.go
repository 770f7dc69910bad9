package storage

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
)

// Config says where files are kept.
type Config struct {
	// URL names the store: "file:///var/lib/blog/files" is a folder of this machine. Defaults to the folder "files" in
	// the folder of the application (app.data_dir).
	URL string `doc:"where files are kept: file:///path; empty: the folder files in app.data_dir"`
}

// ErrURL is wrapped by the errors of [New].
var ErrURL = errors.New("expected a URL such as file:///var/lib/blog/files")

// New returns the store that cfg names; dir is the folder for an empty URL. Its errors never repeat the URL, which may
// hold a password.
func New(cfg Config, dir string) (Store, error) {
	if cfg.URL == "" {
		return NewFolder(dir), nil
	}
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Scheme == "":
		return nil, ErrURL
	case u.Scheme != "file":
		return nil, fmt.Errorf("%w: there is no store for the scheme %q", ErrURL, u.Scheme)
	case u.Host != "" || u.User != nil || u.Opaque != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%w: three slashes and an absolute path follow file:, and nothing else", ErrURL)
	case u.Path == "" || u.Path == "/":
		return nil, fmt.Errorf("%w: the path is missing", ErrURL)
	}
	return NewFolder(filepath.FromSlash(u.Path)), nil
}
