package scaffold

import (
	"fmt"
	"io/fs"

	"golang.org/x/mod/modfile"
)

// The templates of go.mod and go.sum, which cannot stand in skeleton/: a go.mod there would make it another module.
const (
	modTemplate = "go.mod.tmpl"
	sumTemplate = "go.sum.tmpl"
)

// requirements renders go.mod and go.sum, and returns the version of templ that they require.
func requirements(templates fs.FS, opts Options) ([]File, string, error) {
	mod, err := renderTemplate(templates, modTemplate, opts.features())
	if err != nil {
		return nil, "", err
	}
	sum, err := renderTemplate(templates, sumTemplate, opts.features())
	if err != nil {
		return nil, "", err
	}
	mod, templ, err := completeMod(mod, opts)
	if err != nil {
		return nil, "", fmt.Errorf("rendering %s: %w", modTemplate, err)
	}
	return []File{
		{Path: "go.mod", Mode: plainMode, Content: mod},
		{Path: "go.sum", Mode: plainMode, Content: sum},
	}, templ, nil
}

func renderTemplate(templates fs.FS, name string, on features) ([]byte, error) {
	text, err := fs.ReadFile(templates, name)
	if err != nil {
		return nil, fmt.Errorf("reading a template: %w", err)
	}
	rendered, _, err := applyMarkers(name, string(text), on)
	return []byte(rendered), err
}

// completeMod writes the module path, the version of Covet and the replacement by a checkout into a go.mod.
func completeMod(mod []byte, opts Options) (completed []byte, templ string, err error) {
	file, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return nil, "", err
	}
	if err := file.AddModuleStmt(opts.Module); err != nil {
		return nil, "", err
	}
	if err := file.AddRequire(libraryPath, opts.Version); err != nil {
		return nil, "", err
	}
	if opts.Replace != "" {
		if err := file.AddReplace(libraryPath, "", opts.Replace, ""); err != nil {
			return nil, "", err
		}
	}
	for _, require := range file.Require {
		if require.Mod.Path == templPath {
			templ = require.Mod.Version
		}
	}
	file.Cleanup()
	completed, err = file.Format()
	return completed, templ, err
}

// TemplVersion returns the version of templ that new applications require, which is that of the generator linked here.
func TemplVersion() (string, error) {
	templates, err := openTemplates()
	if err != nil {
		return "", err
	}
	text, err := fs.ReadFile(templates, modTemplate)
	if err != nil {
		return "", fmt.Errorf("reading a template: %w", err)
	}
	file, err := modfile.ParseLax(modTemplate, text, nil)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", modTemplate, err)
	}
	for _, require := range file.Require {
		if require.Mod.Path == templPath {
			return require.Mod.Version, nil
		}
	}
	return "", fmt.Errorf("%s requires no templ", modTemplate)
}
