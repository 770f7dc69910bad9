package web

import (
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// folder is the source folder of assets. Its files are read on demand, and again when they have changed.
type folder struct {
	root     *os.Root
	places   map[string]bool // first parts of embedded names: a folder, or a top-level file
	embedded map[string]*asset

	mu   sync.Mutex
	read map[string]cachedFile
}

// cachedFile is a file as last read.
type cachedFile struct {
	size     int64
	modified time.Time
	file     *asset
}

// Follow serves the current files of a folder instead of the embedded ones: a changed stylesheet gets a new address on
// the next page, and new images are available. The kernel follows app/assets under the dev server. Follow reports
// whether it does: it does not if the folder contains none of the embedded files, because they come from elsewhere.
//
// It serves only files that could be embedded: in folders with embedded files, and of top-level files the embedded
// ones; no name that begins with a dot or an underscore.
//
// Threat: a path, or a symbolic link in the folder, that points to the source, to .env, or out of the folder. An
// os.Root prevents the latter; other files beside the assets, such as the Go file that embeds them, are not assets.
//
// The caller closes the root when no more requests are served.
func (a *Assets) Follow(root *os.Root) bool {
	f := &folder{root: root, places: map[string]bool{}, embedded: a.files, read: map[string]cachedFile{}}
	found := false
	for name := range a.urls {
		place, _, _ := strings.Cut(name, "/")
		f.places[place] = true
		info, err := root.Stat(name)
		found = found || err == nil && info.Mode().IsRegular()
	}
	if found {
		a.folder.Store(f)
	}
	return found
}

// find returns the current file with a plain name, or nil.
func (f *folder) find(name string) *asset {
	if !f.embeddable(name) {
		return nil
	}
	info, err := f.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // a pipe would block the request forever
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, ok := f.read[name]; ok && known.size == info.Size() && known.modified.Equal(info.ModTime()) {
		return known.file
	}
	content, err := f.readFile(name)
	if err != nil {
		return nil
	}
	file := newAsset(name, content)
	f.read[name] = cachedFile{info.Size(), info.ModTime(), file}
	return file
}

// embeddable reports whether a file with this name would be embedded.
func (f *folder) embeddable(name string) bool {
	if name == "" || path.Clean("/"+name) != "/"+name || strings.ContainsAny(name, `\:`) {
		return false
	}
	place, below, isFolder := strings.Cut(name, "/")
	if !f.places[place] || isFolder && f.embedded[place] != nil {
		return false
	}
	for part := range strings.SplitSeq(below, "/") {
		if (strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_")) && f.embedded[name] == nil {
			return false
		}
	}
	return true
}

func (f *folder) readFile(name string) (content []byte, err error) {
	file, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // opened for reading only
	return io.ReadAll(file)
}

// hashLength is the length of the hash in a name.
const hashLength = 8

// findHashed returns the file with a name, plain or with the hash of any content: an open page may request a former
// version, and the current one is better than none.
func (f *folder) findHashed(name string) *asset {
	if file := f.find(name); file != nil {
		return file
	}
	ext := path.Ext(name)
	base := strings.TrimSuffix(name, ext)
	if cut := len(base) - hashLength - 1; cut > 0 && base[cut] == '.' {
		return f.find(base[:cut] + ext)
	}
	if len(ext) == hashLength+1 { // of a name without an extension
		return f.find(base)
	}
	return nil
}
