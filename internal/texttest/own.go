package texttest

import (
	"testing"
	"testing/fstest"

	"github.com/covetgo/covet/app/text"
)

// Own returns the texts of an application from the contents of its files, by their names: "en.yaml".
func Own(t testing.TB, files map[string]string) *text.Set {
	t.Helper()
	folder := fstest.MapFS{}
	for name, content := range files {
		folder[name] = &fstest.MapFile{Data: []byte(content)}
	}
	own, err := text.Load("", folder, ".")
	if err != nil {
		t.Fatal(err)
	}
	return own
}
