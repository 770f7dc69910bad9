package scaffold

import "io/fs"

// PlanFrom is Plan with a skeleton and templates of a test.
func PlanFrom(skeleton, templates fs.FS, opts Options) (*Project, error) {
	return plan(skeleton, templates, opts)
}

// ApplyMarkers shows the marker processor with all features off but those named.
func ApplyMarkers(path, text string, on ...string) (string, bool, error) {
	f := Options{Without: Batteries()}.features()
	for _, name := range on {
		f[name] = true
	}
	return applyMarkers(path, text, f)
}

// The names that stand for the application in the skeleton.
const (
	SkeletonPath = skeletonPath
	SkeletonName = skeletonName
)

// StandardLibrary is the list of names that a module path must not start with.
func StandardLibrary() []string { return standardLibrary }

// Embedded shows the skeleton and the templates of go.mod as they are embedded, with their folders.
func Embedded() []fs.FS { return []fs.FS{skeletonFS, templateFS} }
