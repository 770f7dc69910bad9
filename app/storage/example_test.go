package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/covetgo/covet/app/storage"
)

func ExampleFolder() {
	dir, err := os.MkdirTemp("", "files")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, store := context.Background(), storage.NewFolder(dir)

	key := storage.NewKey("reports", "March.CSV")
	if err := store.Put(ctx, key, strings.NewReader("day,visits")); err != nil {
		panic(err)
	}
	file, err := store.Open(ctx, key)
	if err != nil {
		panic(err)
	}
	content, err := io.ReadAll(file)
	if err := errors.Join(err, file.Close(), store.Delete(ctx, key)); err != nil {
		panic(err)
	}
	fmt.Println(path.Dir(key), path.Ext(key), file.Size(), string(content))

	_, err = store.Open(ctx, key)
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	// Output:
	// reports .csv 10 day,visits
	// true
}
