package web

import (
	"context"
	"errors"
	"fmt"

	"github.com/covetgo/covet/app/storage"
)

// Uploads keeps the files of a record in step with its row: which is saved or not, while files know no transaction.
//
//	uploads := web.NewUploads(files)
//	if err := uploads.Replace(ctx, &post.Cover, "posts", input.Cover, input.RemoveCover); err != nil {
//		return uploads.Finish(ctx, err)
//	}
//	return uploads.Finish(ctx, save(ctx, post))
//
// It serves one record and one goroutine.
type Uploads struct {
	store           storage.Store
	added, replaced []string
}

// NewUploads returns uploads into a store.
func NewUploads(store storage.Store) *Uploads { return &Uploads{store: store} }

// Replace stores a file, if there is one, and puts its key, which begins with prefix, where key points to. With remove
// and no file the key becomes empty. What was there before stays until [Uploads.Finish].
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

// Finish deletes the files that are of no use any longer: the replaced ones when the record was saved, and the new ones
// when err says that it was not. It returns err, joined with what went wrong on the way.
func (u *Uploads) Finish(ctx context.Context, err error) error {
	useless := u.replaced
	if err != nil {
		useless = u.added
		ctx = context.WithoutCancel(ctx) // a client that went away is no reason to keep them
	}
	for _, key := range useless {
		err = errors.Join(err, u.store.Delete(ctx, key))
	}
	return err
}
