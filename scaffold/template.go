package scaffold

import (
	"bytes"
	"fmt"
	"go/format"
	"strings"

	"github.com/a-h/templ/generator"
	templparser "github.com/a-h/templ/parser/v2"
)

const (
	templSuffix     = ".templ"
	generatedSuffix = "_templ.go"
	templPath       = "github.com/a-h/templ"
)

// View compiles one template of an application as the templ command of the given version ("v0.3.977") does in the
// folder of the application. The path of file, relative to that folder, ends in ".templ"; that of the result in
// "_templ.go".
func View(file File, version string) (File, error) { return generate(file, version) }

// generate compiles a rendered template as "templ generate" of the given version does in the folder of the application.
func generate(file File, version string) (File, error) {
	parsed, err := templparser.ParseString(string(file.Content))
	if err != nil {
		return File{}, fmt.Errorf("parsing %s: %w", file.Path, err)
	}
	var code bytes.Buffer
	_, err = generator.Generate(parsed, &code, generator.WithVersion(version), generator.WithFileName(file.Path))
	if err != nil {
		return File{}, fmt.Errorf("generating from %s: %w", file.Path, err)
	}
	formatted, err := format.Source(code.Bytes())
	if err != nil {
		return File{}, fmt.Errorf("formatting what %s generates: %w", file.Path, err)
	}
	path := strings.TrimSuffix(file.Path, templSuffix) + generatedSuffix
	return File{Path: path, Mode: file.Mode, Content: formatted}, nil
}

// FormatView formats a template as the command "templ fmt" does.
func FormatView(file File) (File, error) {
	parsed, err := templparser.ParseString(string(file.Content))
	if err != nil {
		return File{}, fmt.Errorf("parsing %s: %w", file.Path, err)
	}
	var text bytes.Buffer
	if err := parsed.Write(&text); err != nil {
		return File{}, fmt.Errorf("formatting %s: %w", file.Path, err)
	}
	file.Content = text.Bytes()
	return file, nil
}
