// Package layout is the one table of Covet's packages: what each contains, what of ours it may import, and what it must
// never link. The rules of the linter (.golangci.yml) and the document docs/layout.md are generated from it with
//
//	go run ./internal/layout/write
//
// and its tests compare it with what "go list" reports.
package layout

import "strings"

// Module is the path of the module, with a slash.
const Module = "github.com/covetgo/covet/"

// Layer is a group of packages with the same rule for imports.
type Layer int

// The layers, from the bottom to the top.
const (
	Leaf    Layer = iota // imports nothing of ours but what its entry names
	Web                  // imports leaves
	Kernel               // imports leaves and web
	Battery              // a module of an application: imports leaves, web and the kernel, never another battery
	Command              // commands of an application's binary: imports leaves, web and the kernel
	// Tool is the scaffold, the command line, their parts, and what they share with the kernel: imports what its entry
	// names.
	Tool
	Application // the skeleton: imports what an application may import
	Testing     // imports anything and is linked by tests only
	Development // benchmarks, documents, programs of the repository: imports anything, imported by nothing
)

// layers describes each layer for the document.
var layers = []struct {
	layer      Layer
	name, rule string
}{
	{Leaf, "Leaves", "Each imports only the packages of ours that its row names."},
	{Web, "Web", "May import leaves."},
	{Kernel, "Kernel", "May import leaves and web."},
	{Battery, "Modules", "May import leaves, web and the kernel; never another module."},
	{Command, "Commands", "May import leaves, web and the kernel."},
	{Tool, "Scaffold, command line and what they share", "Each imports only the packages of ours that its row names."},
	{Application, "Skeleton", "Imports what an application may import: nothing internal."},
	{Testing, "Testing", "May import anything; only tests link it."},
	{Development, "Development", "May import anything; nothing imports it."},
}

// Package is an entry of the table. A path that ends with "/..." stands for every package below it.
type Package struct {
	Path    string // below the module
	Layer   Layer
	Doc     string   // what it contains
	Imports []string // of ours, besides what the layer allows
	// NeverLinks lists what it must not carry into a binary, directly or not: import paths, of which one with a slash at
	// its end stands for everything below it.
	NeverLinks []string
}

// Find returns the entry of a package by its path below the module.
func Find(path string) (Package, bool) {
	var found Package
	for _, p := range Packages {
		switch prefix, below := strings.CutSuffix(p.Path, "/..."); {
		case p.Path == path:
			return p, true
		case below && (path == prefix || strings.HasPrefix(path, prefix+"/")) && len(p.Path) > len(found.Path):
			found = p
		}
	}
	return found, found.Path != ""
}

// MayImport reports whether a package of ours may import another one outside of tests.
func (p Package) MayImport(path string) bool {
	for _, allowed := range p.Imports {
		if prefix, below := strings.CutSuffix(allowed, "/..."); allowed == path ||
			below && strings.HasPrefix(path+"/", prefix+"/") {
			return true
		}
	}
	other, ok := Find(path)
	if !ok {
		return false
	}
	switch p.Layer {
	case Web:
		return other.Layer == Leaf
	case Kernel:
		return other.Layer == Leaf || other.Layer == Web
	case Battery, Command:
		return other.Layer == Leaf || other.Layer == Web || path == "app"
	case Application:
		return other.Layer == Application ||
			other.Layer <= Command && !strings.Contains(path, "internal/")
	case Testing, Development:
		return true
	default:
		return false
	}
}
