package scaffold

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
)

// Offered returns the batteries that the skeleton has something of, in the order of [Batteries]. The others can be left
// out already, which changes nothing yet.
func Offered() ([]Battery, error) {
	skeleton, err := openSkeleton()
	if err != nil {
		return nil, err
	}
	mentioned, err := markerNames(skeleton)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Batteries(), func(b Battery) bool { return !mentioned[string(b)] }), nil
}

// markerNames returns the names in the markers of a skeleton.
func markerNames(skeleton fs.FS) (features, error) {
	found := features{}
	err := fs.WalkDir(skeleton, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(skeleton, path)
		for line := range bytes.Lines(content) {
			if match := markerLine.FindSubmatch(bytes.TrimRight(line, "\r\n")); match != nil {
				separator := func(r rune) bool { return strings.ContainsRune("!| \t", r) }
				for _, name := range strings.FieldsFunc(string(match[2]), separator) {
					found[name] = true
				}
			}
		}
		return err
	})
	return found, err
}
