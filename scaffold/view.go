package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"go/scanner"
	"strings"

	"github.com/a-h/parse"
	"github.com/a-h/templ/generator"
	templparser "github.com/a-h/templ/parser/v2"
)

const (
	templSuffix     = ".templ"
	generatedSuffix = "_templ.go"
	templPath       = "github.com/a-h/templ"
)

// ViewError is an error in a template.
type ViewError struct {
	// Path is the file of the template, as it was given.
	Path string
	// Line and Column are the position of the error, from 1; 0 if unknown.
	Line, Column int
	// Message is the error without its position.
	Message string
	doing   string
	err     error
}

// Error returns the message with the position.
func (e *ViewError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s %s: %s", e.doing, e.Path, e.Message)
	}
	return fmt.Sprintf("%s %s:%d:%d: %s", e.doing, e.Path, e.Line, e.Column, e.Message)
}

// Unwrap returns the error of the parser or formatter.
func (e *ViewError) Unwrap() error { return e.err }

// View compiles one template of an application as the templ command of the given version ("v0.3.977") does in the
// folder of the application. The path of file, relative to that folder, ends in ".templ"; that of the result in
// "_templ.go". A mistake in the template is a [*ViewError].
func View(file File, version string) (File, error) {
	code, places, err := generateView(file, version)
	if err != nil {
		return File{}, err
	}
	formatted, err := format.Source(code)
	if err != nil {
		return File{}, formatError(file.Path, places, err)
	}
	path := strings.TrimSuffix(file.Path, templSuffix) + generatedSuffix
	return File{Path: path, Mode: file.Mode, Content: formatted}, nil
}

// generateView returns the code of a template before it is formatted, with the places that it comes from.
func generateView(file File, version string) ([]byte, *templparser.SourceMap, error) {
	parsed, err := templparser.ParseString(string(file.Content))
	if err != nil {
		return nil, nil, parseError(file.Path, err)
	}
	if parsed.Package.Expression.Value == "" {
		return nil, nil, &ViewError{
			Path:    file.Path,
			Line:    1,
			Column:  1,
			Message: "the package clause is missing",
			doing:   "parsing",
		}
	}
	var code bytes.Buffer
	made, err := generator.Generate(parsed, &code, generator.WithVersion(version), generator.WithFileName(file.Path))
	if err != nil {
		return nil, nil, fmt.Errorf("generating from %s: %w", file.Path, err)
	}
	return code.Bytes(), made.SourceMap, nil
}

// parseError returns what templ's parser says, with lines counted from 1.
func parseError(path string, err error) error {
	problem := &ViewError{Path: path, Message: err.Error(), doing: "parsing", err: err}
	var at parse.ParseError
	if errors.As(err, &at) {
		problem.Message, problem.Line, problem.Column = at.Msg, at.Pos.Line+1, at.Pos.Col+1
	}
	return problem
}

// formatError returns what is wrong with the Go in a template: its place in the generated code is turned into that in
// the template.
func formatError(path string, places *templparser.SourceMap, err error) error {
	problem := &ViewError{Path: path, Message: err.Error(), doing: "formatting the code generated from", err: err}
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return problem
	}
	problem.Message = list[0].Msg
	problem.Line, problem.Column = sourcePlace(places, list[0].Pos.Line, list[0].Pos.Column)
	return problem
}

// sourcePlace returns the place in a template that generated code comes from, or that of the last code before it: what
// is left out, such as an operand, is missed behind it.
func sourcePlace(places *templparser.SourceMap, line, column int) (int, int) {
	const endOfLine = 1000
	for line, column := line-1, column-1; line >= 0; line, column = line-1, endOfLine { // both count from 0 there
		at, ok := places.SourcePositionFromTarget(uint32(line), uint32(column)) //nolint:gosec // places in a file
		if ok {
			return int(at.Line) + 1, int(at.Col) + 1
		}
	}
	return 0, 0
}

// FormatView formats a template as the command "templ fmt" does.
func FormatView(file File) (File, error) {
	parsed, err := templparser.ParseString(string(file.Content))
	if err != nil {
		return File{}, parseError(file.Path, err)
	}
	var text bytes.Buffer
	if err := parsed.Write(&text); err != nil {
		return File{}, fmt.Errorf("formatting %s: %w", file.Path, err)
	}
	file.Content = text.Bytes()
	return file, nil
}
