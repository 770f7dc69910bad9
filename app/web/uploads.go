package web

import (
	"context"
	"errors"
	"fmt"

	"github.com/covetgo/covet/app/storage"
)

// Uploads keeps the files of a record consistent with its row, because files are not part of the transaction.
//
//	uploads := web.NewUploads(files)
//	if err := uploads.Replace(ctx, &post.Cover, "posts", input.Cover, input.RemoveCover); err != nil {
//		return uploads.Finish(ctx, err)
//	}
//	return uploads.Finish(ctx, save(ctx, post))
//
// It is for one record, and not safe for concurrent use.
type Uploads struct {
	store           storage.Store
	added, replaced []string
}

// NewUploads returns uploads into a store.
func NewUploads(store storage.Store) *Uploads { return &Uploads{store: store} }

// Replace stores a file, if there is one, and sets the key that key points to; the new key begins with prefix. With
// remove and no file, the key becomes empty. The previous file stays until [Uploads.Finish].
func (u *Uploads) Replace(ctx context.Context, key *string, prefix string, file *File, remove bool) error {
	switch {
	case file != nil:
		fresh, err := u.put(ctx, prefix, file)
		if err != nil {
			return err
		}
		u.markReplaced(*key)
		*key = fresh
	case remove:
		u.markReplaced(*key)
		*key = ""
	}
	return nil
}

func (u *Uploads) markReplaced(key string) {
	if key != "" {
		u.replaced = append(u.replaced, key)
	}
}

func (u *Uploads) put(ctx context.Context, prefix string, file *File) (string, error) {
	content, err := file.Open()
	if err != nil {
		return "", fmt.Errorf("storing the upload %q: %w", file.Name, err)
	}
	defer func() { _ = content.Close() }() // it was only read
	key := storage.NewKey(prefix, file.Name)
	if err := u.store.Put(ctx, key, content); err != nil {
		return "", fmt.Errorf("storing the upload %q: %w", file.Name, err)
	}
	u.added = append(u.added, key)
	return key, nil
}

// Finish deletes the files that are no longer used: the replaced ones if the record was saved, and the new ones if err
// says that it was not. It returns err, joined with its own errors.
func (u *Uploads) Finish(ctx context.Context, err error) error {
	useless := u.replaced
	if err != nil {
		useless = u.added
		ctx = context.WithoutCancel(ctx) // a disconnected client is no reason to keep them
	}
	for _, key := range useless {
		err = errors.Join(err, u.store.Delete(ctx, key))
	}
	return err
}
