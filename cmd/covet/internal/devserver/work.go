package devserver

import (
	"path"
	"slices"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
)

// work is what changed files require. Its zero value is nothing.
type work struct {
	views   []string // templates to generate code of
	all     bool     // every template
	code    bool     // compile and replace the process
	restart bool     // replace the process
	reload  bool     // reload the pages in browsers
	styles  []string // URLs of stylesheets to replace
}

func (w work) empty() bool {
	return !w.refresh() && !w.code && !w.restart && !w.reload && len(w.styles) == 0
}

func (w work) refresh() bool { return w.all || len(w.views) > 0 }

// add adds work.
func (w *work) add(other work) {
	for _, view := range other.views {
		if !slices.Contains(w.views, view) {
			w.views = append(w.views, view)
		}
	}
	w.styles = append(w.styles, other.styles...)
	w.all = w.all || other.all
	w.code = w.code || other.code
	w.restart = w.restart || other.restart
	w.reload = w.reload || other.reload
}

// assets is the folder of files for browsers, and assetsAddress their URL.
const (
	assets        = "app/assets/"
	assetsAddress = "/assets/"
)

// classify returns the work for a changed file. embedded reports for other files whether they are embedded in the
// binary.
func classify(change watch.Change, embedded func(name string) bool) work {
	name, base := change.Path, path.Base(change.Path)
	switch ext := path.Ext(base); {
	case strings.HasSuffix(base, "_test.go"), strings.HasPrefix(name, "testdata/"), strings.Contains(name, "/testdata/"):
		return work{}
	case ext == ".templ":
		return work{views: []string{name}}
	case strings.HasSuffix(base, "_templ.go"): // by hand, or by a checkout
		return work{code: true, views: []string{strings.TrimSuffix(name, "_templ.go") + ".templ"}}
	case slices.Contains([]string{".go", ".s", ".c", ".h"}, ext), name == "go.sum", name == "go.work":
		return work{code: true}
	case name == "go.mod": // it may require another version of templ
		return work{code: true, all: true}
	case name == ".env", strings.HasPrefix(name, "config/"):
		return work{restart: true}
	case ext == ".sql" && strings.HasPrefix(name, "migrations/"):
		return work{code: true}
	case strings.HasPrefix(name, assets) && ext == ".css" && !change.Removed:
		return work{styles: []string{assetsAddress + strings.TrimPrefix(name, assets)}}
	case strings.HasPrefix(name, assets):
		return work{reload: true}
	case !strings.Contains(name, "/"), slices.Contains(ignoredExtensions, ext):
		return work{} // README.md, Makefile, output of programs
	case embedded(name):
		return work{code: true}
	default:
		return work{reload: true}
	}
}

// ignoredExtensions are the extensions of files that an application does not read while it serves.
var ignoredExtensions = []string{
	".md", ".db", ".db-wal", ".db-shm", ".db-journal",
	".log", ".pid", ".lock", ".prof", ".out",
}
