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

// Folder is a [Store] in a folder of this machine, which is made when the first file is stored, with files and folders
// that only the user of the process may read. A key is the path of its
// file below the folder, so no key can be the folder of another one. What a process had written of a file when it was
// killed is named ".upload-…" and can be deleted.
type Folder struct{ dir string }

// Threat: other users of the machine read what was uploaded.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

var _ Store = (*Folder)(nil)

// NewFolder returns the store in the folder dir.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// Path returns the folder.
func (f *Folder) Path() string { return f.dir }

// root opens the folder.
//
// Threat: a symbolic link in the folder that leads out of it. An [os.Root] follows none.
func (f *Folder) root(key string) (*os.Root, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	return os.OpenRoot(f.dir)
}

// Put implements [Store]. The file is written beside its place and moved there once it is on the disk.
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
		return err
	}
	root, err := f.root(key)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	dir := path.Dir(key)
	if err := root.MkdirAll(dir, folderMode); err != nil {
		return err
	}
	temporary := path.Join(dir, ".upload-"+rand.Text())
	err = write(ctx, root, temporary, r)
	if err == nil {
		err = root.Rename(temporary, key)
	}
	if err != nil {
		_ = root.Remove(temporary)
	}
	return err
}

// write writes a new file to the disk.
func write(ctx context.Context, root *os.Root, name string, r io.Reader) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, reader{ctx, r})
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// reader is an io.Reader that ends with its context. It lives as long as one call.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Open implements [Store].
func (f *Folder) Open(ctx context.Context, key string) (File, error) {
	file, err := f.open(ctx, key)
	if missing(err) {
		err = ErrNotFound
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
	// Opening what is no regular file, such as a pipe, could wait for ever.
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

// stored is a file of a Folder.
type stored struct {
	*os.File
	info fs.FileInfo
}

func (s stored) Size() int64        { return s.info.Size() }
func (s stored) ModTime() time.Time { return s.info.ModTime() }

// missing reports whether an error means that there is no such file: also where a folder should be there is a file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// Delete implements [Store].
func (f *Folder) Delete(ctx context.Context, key string) error {
	if err := f.delete(ctx, key); err != nil && !missing(err) {
		return fmt.Errorf("deleting file %q: %w", key, err)
	}
	return nil
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
