package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// Folder is a [Store] in a folder of this machine. The folder is created with the first file; only the user of the
// process may read its files and folders. A key is the path of its file in the folder, so no key can be the folder of
// another one. Parts of files that a killed process leaves are named ".upload-…" and can be deleted.
type Folder struct{ dir string }

// Threat: other users of the machine read uploaded files.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

var (
	_ Store   = (*Folder)(nil)
	_ Checker = (*Folder)(nil)
)

// NewFolder returns the store in the folder dir.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// Path returns the folder.
func (f *Folder) Path() string { return f.dir }

// root opens the folder.
//
// Threat: a symbolic link in the folder leads out of it. An [os.Root] does not follow it.
func (f *Folder) root(key string) (*os.Root, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	return os.OpenRoot(f.dir)
}

// Put implements [Store]. It writes a temporary file and renames it when its contents are on disk.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader) error {
	if err := f.put(ctx, key, r); err != nil {
		return fmt.Errorf("storing file %q: %w", key, err)
	}
	return nil
}

func (f *Folder) put(ctx context.Context, key string, r io.Reader) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := os.MkdirAll(f.dir, folderMode); err != nil {
		return unavailable(err)
	}
	root, err := f.root(key)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = root.Close() }()
	dir := path.Dir(key)
	if err := root.MkdirAll(dir, folderMode); err != nil {
		return unavailable(err)
	}
	temporary := path.Join(dir, ".upload-"+rand.Text())
	err = write(ctx, root, temporary, r)
	if err == nil {
		err = unavailable(root.Rename(temporary, key))
	}
	if err != nil {
		_ = root.Remove(temporary)
	}
	return err
}

// checkSize is the number of bytes that Check writes: a block of common file systems, so that it detects a full disk.
const checkSize = 4096

// Check implements [Checker]. It writes and deletes a file of 4 KiB.
func (f *Folder) Check(ctx context.Context) error {
	err := os.MkdirAll(f.dir, folderMode)
	if err == nil {
		var root *os.Root
		if root, err = os.OpenRoot(f.dir); err == nil {
			defer func() { _ = root.Close() }()
			name := ".check-" + rand.Text()
			err = errors.Join(write(ctx, root, name, io.LimitReader(zeros{}, checkSize)), root.Remove(name))
		}
	}
	if err != nil {
		return fmt.Errorf("checking the folder %s: %w", f.dir, unavailable(err))
	}
	return nil
}

// zeros is an endless reader of zero bytes.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// unavailable wraps ErrUnavailable around an error of the file system.
func unavailable(err error) error {
	if err == nil || errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// write writes a new file to disk. It returns an error of r, or of ctx, unchanged.
func write(ctx context.Context, root *os.Root, name string, r io.Reader) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return unavailable(err)
	}
	source := &reader{ctx: ctx, r: r}
	_, err = io.Copy(file, source)
	switch {
	case source.err != nil:
		err = source.err
	case err == nil && ctx.Err() != nil:
		err = ctx.Err()
	case err == nil:
		err = unavailable(file.Sync())
	default:
		err = unavailable(err)
	}
	return errors.Join(err, unavailable(file.Close()))
}

// reader is an io.Reader that ends with its context, and keeps its errors separate from those of the writer. It is used
// within one call.
type reader struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	if r.err = r.ctx.Err(); r.err != nil {
		return 0, r.err
	}
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// Open implements [Store].
func (f *Folder) Open(ctx context.Context, key string) (File, error) {
	file, err := f.open(ctx, key)
	switch {
	case isNotExist(err):
		err = ErrNotFound
	case err != nil && !errors.Is(err, ErrKey) && !errors.Is(err, ErrNotFound) && ctx.Err() == nil:
		err = unavailable(err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening file %q: %w", key, err)
	}
	return file, nil
}

func (f *Folder) open(ctx context.Context, key string) (File, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root, err := f.root(key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	// Opening a file that is not regular, such as a pipe, could block forever.
	info, err := root.Lstat(key)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotFound
	}
	file, err := root.Open(key)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return stored{file, info}, nil
}

// stored is an open file of a Folder.
type stored struct {
	*os.File
	info fs.FileInfo
}

func (s stored) Size() int64        { return s.info.Size() }
func (s stored) ModTime() time.Time { return s.info.ModTime() }

// isNotExist reports whether an error means that there is no such file, also if a parent folder is a file.
func isNotExist(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// Delete implements [Store].
func (f *Folder) Delete(ctx context.Context, key string) error {
	err := f.delete(ctx, key)
	if err == nil || isNotExist(err) {
		return nil
	}
	if !errors.Is(err, ErrKey) && ctx.Err() == nil {
		err = unavailable(err)
	}
	return fmt.Errorf("deleting file %q: %w", key, err)
}

func (f *Folder) delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	root, err := f.root(key)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if info, err := root.Lstat(key); err != nil || info.IsDir() {
		return err
	}
	return root.Remove(key)
}
