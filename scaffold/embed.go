package scaffold

import (
	"embed"
	"fmt"
	"io/fs"
)

// skeletonFS is the application that every new one is a copy of, with dot files.
//
//go:embed all:skeleton
var skeletonFS embed.FS

// templateFS holds the templates of go.mod and go.sum.
//
//go:embed gomod
var templateFS embed.FS

// Plan renders an application in memory. An invalid name is a [*NameError], an invalid module path a
// [*ModuleError], another invalid choice an [ErrOption].
func Plan(opts Options) (*Project, error) {
	skeleton, err := openSkeleton()
	if err != nil {
		return nil, err
	}
	templates, err := openTemplates()
	if err != nil {
		return nil, err
	}
	return plan(skeleton, templates, opts)
}

func openSkeleton() (fs.FS, error) {
	skeleton, err := fs.Sub(skeletonFS, "skeleton")
	if err != nil {
		return nil, fmt.Errorf("opening the skeleton: %w", err)
	}
	return skeleton, nil
}

func openTemplates() (fs.FS, error) {
	templates, err := fs.Sub(templateFS, "gomod")
	if err != nil {
		return nil, fmt.Errorf("opening the templates: %w", err)
	}
	return templates, nil
}
