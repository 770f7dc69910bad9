package password

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

// commonList holds one folded password a line; COMMON.md says where they are from.
//
//go:embed common.txt.gz
var commonList []byte

// common returns the most common passwords. They are unpacked when they are first asked for.
var common = sync.OnceValue(func() map[string]bool {
	reader, err := gzip.NewReader(bytes.NewReader(commonList))
	if err != nil {
		panic(fmt.Errorf("unpacking the common passwords: %w", err))
	}
	list, err := io.ReadAll(reader)
	if err != nil {
		panic(fmt.Errorf("unpacking the common passwords: %w", err))
	}
	words := map[string]bool{}
	for word := range strings.Lines(string(list)) {
		words[strings.TrimSpace(word)] = true
	}
	return words
})
