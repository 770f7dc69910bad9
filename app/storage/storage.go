// Package storage keeps files: what people upload, and what the application makes. A [Store] knows them by key; the
// columns of a model hold keys.
//
//	key := storage.NewKey("posts/cover", upload.Name)
//	if err := a.Storage.Put(ctx, key, content); err != nil {
//		return err
//	}
//	post.Cover = key
//
// [Folder] keeps them in a folder of this machine. Another store is a type of your own with three methods; package
// storagetest holds what each has to do. web.ServeFile sends a file to a browser.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Store keeps files by key. Keys are checked by [CheckKey]; a key that is wrong is an error that wraps [ErrKey]. A
// store is safe for concurrent use.
type Store interface {
	// Put stores what r holds, in place of a file that was there. When it fails, or ctx ends before it is done, what was
	// there stays; nobody ever sees a part of a file.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open returns a file, which is to be closed. The error wraps [ErrNotFound] when there is none. A file that is
	// replaced or deleted meanwhile is read to its end.
	Open(ctx context.Context, key string) (File, error)
	// Delete deletes a file. That there is none is no error.
	Delete(ctx context.Context, key string) error
}

// Checker is a [Store] that can tell whether files can be stored now. /ready asks it.
type Checker interface {
	// Check stores and deletes a small file. Its error wraps [ErrUnavailable].
	Check(ctx context.Context) error
}

// File is a stored file, open for reading. It serves one goroutine.
type File interface {
	io.ReadSeekCloser
	// Size is the length in bytes.
	Size() int64
	// ModTime is when the file was stored.
	ModTime() time.Time
}

var (
	// ErrNotFound is wrapped by the error of Open for a key that no file has.
	ErrNotFound = errors.New("there is no such file")
	// ErrUnavailable is wrapped by errors of a store that cannot be used at the moment: a full disk, a folder that is
	// read-only, a server that does not respond.
	ErrUnavailable = errors.New("the storage is unavailable")
	// ErrKey is wrapped by errors for keys that CheckKey refuses.
	ErrKey = errors.New("invalid key of a file")
)

// maxKey bounds a key, in bytes. It fits a column of 255 characters, and the names of files everywhere.
const maxKey = 200

// CheckKey returns an error that wraps [ErrKey] unless key is what every store can keep: one or more names with a slash
// between them, of lower-case letters, digits, and . _ - inside; 200 bytes at most.
//
// Threat: a key that leads out of the store, to a hidden file, or on some systems to a device or another file of nearly
// the same name.
func CheckKey(key string) error {
	if len(key) > maxKey {
		return fmt.Errorf("%w: it has %d bytes, of at most %d", ErrKey, len(key), maxKey)
	}
	for name := range strings.SplitSeq(key, "/") {
		if !isName(name) {
			return fmt.Errorf("%w: %q", ErrKey, key)
		}
	}
	return nil
}

// isName reports whether name can stand between the slashes of a key.
func isName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return name != "" && name[0] != '.' && name[len(name)-1] != '.' && !isDevice(name)
}

// isDevice reports whether Windows takes a name for that of a device.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	digit := strings.TrimPrefix(strings.TrimPrefix(base, "com"), "lpt")
	return len(base) == 4 && len(digit) == 1 && digit[0] >= '0' && digit[0] <= '9'
}
