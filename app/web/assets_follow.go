package web

import (
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// folder is where assets are edited. Its files are read when they are asked for, and again when they have changed.
type folder struct {
	root     *os.Root
	places   map[string]bool // first parts of names that are embedded: a folder, or a file at the top
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

// Follow makes the assets those of a folder, as they are at each moment, and no longer those that were embedded when
// the program was built: a changed stylesheet has a new address on the next page, and an image that was added is there.
// The kernel follows app/assets under the dev server. Follow reports whether it does: not if the folder holds
// none of the embedded files, because then they come from elsewhere.
//
// What is served stays within what can be embedded: the folders that hold embedded files, and of files beside them the
// embedded ones; nothing whose name begins with a dot or an underscore.
//
// Threat: a path, or a symbolic link in the folder, that leads to the source, to .env, or out of the folder. An os.Root
// follows neither out; what lies beside the assets, such as the Go file that embeds them, is no asset.
//
// The root is the caller's to close, once no request is answered any more.
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

// find returns the file with a plain name as it is now, or nil.
func (f *folder) find(name string) *asset {
	if !f.embeddable(name) {
		return nil
	}
	info, err := f.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() { // a pipe would make the request wait for ever
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

// hashLength is how many characters of a hash a name holds.
const hashLength = 8

// findHashed returns the file with a name, plain or with the hash of any content: a page that is still open asks for
// the one before, and is better served with the present one than with none.
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
