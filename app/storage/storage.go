// Package storage stores files: uploads, and files that the application creates. A [Store] identifies files by key;
// columns of models contain keys.
//
//	key := storage.NewKey("posts/cover", upload.Name)
//	if err := a.Storage.Put(ctx, key, content); err != nil {
//		return err
//	}
//	post.Cover = key
//
// [Folder] stores files in a folder of this machine. To use another store, implement three methods; package storagetest
// tests them. web.ServeFile sends a file to a browser.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Store stores files by key. A store validates keys with [CheckKey] and returns an error that wraps [ErrKey] for an
// invalid one. It is safe for concurrent use.
type Store interface {
	// Put stores the contents of r and replaces an existing file. If it fails or ctx ends, the existing file remains.
	// Partial files are never visible.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open opens a file, which the caller closes. The error wraps [ErrNotFound] if there is none. An open file can be
	// read to its end although it is replaced or deleted.
	Open(ctx context.Context, key string) (File, error)
	// Delete deletes a file. Deleting a missing file is not an error.
	Delete(ctx context.Context, key string) error
}

// Checker is implemented by a [Store] that can check whether it accepts files at the moment. /ready uses it.
type Checker interface {
	// Check stores and deletes a small file. Its error wraps [ErrUnavailable].
	Check(ctx context.Context) error
}

// File is an open stored file. It is not safe for concurrent use.
type File interface {
	io.ReadSeekCloser
	// Size is the size in bytes.
	Size() int64
	// ModTime is when the file was stored.
	ModTime() time.Time
}

var (
	// ErrNotFound is wrapped by errors of Open for a key without a file.
	ErrNotFound = errors.New("no such file")
	// ErrUnavailable is wrapped by errors of a store that is unavailable: the disk is full, the folder is read-only, or
	// a server does not respond.
	ErrUnavailable = errors.New("storage unavailable")
	// ErrKey is wrapped by errors for keys that CheckKey refuses.
	ErrKey = errors.New("invalid file key")
)

// maxKey is the maximum length of a key in bytes. It fits a column of 255 characters, and file names everywhere.
const maxKey = 200

// CheckKey returns an error that wraps [ErrKey] unless key is valid for every store: one or more names separated by
// slashes, of lower-case letters, digits and, inside of names, . _ and -; at most 200 bytes.
//
// Threat: a key that leads out of the store, to a hidden file or, on some systems, to a device or another file with
// nearly the same name.
func CheckKey(key string) error {
	if len(key) > maxKey {
		return fmt.Errorf("%w: %d bytes exceed the maximum of %d", ErrKey, len(key), maxKey)
	}
	for name := range strings.SplitSeq(key, "/") {
		if !isName(name) {
			return fmt.Errorf("%w: %q", ErrKey, key)
		}
	}
	return nil
}

// isName reports whether name may be used between the slashes of a key.
func isName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return name != "" && name[0] != '.' && name[len(name)-1] != '.' && !isDevice(name)
}

// isDevice reports whether Windows treats a name as a device.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	digit := strings.TrimPrefix(strings.TrimPrefix(base, "com"), "lpt")
	return len(base) == 4 && len(digit) == 1 && digit[0] >= '0' && digit[0] <= '9'
}
