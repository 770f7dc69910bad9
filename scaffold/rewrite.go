package scaffold

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

const (
	skeletonPath  = libraryPath + "/scaffold/skeleton"
	skeletonName  = "covetapp"
	skeletonTitle = "Covet App"
	skeletonURL   = "sqlite:storage/covetapp.db"
)

var pathToken = regexp.MustCompile(regexp.QuoteMeta(skeletonPath) + `\b`)

// A rewriter turns texts of the skeleton into those of an application.
type rewriter struct {
	name, module, url string
}

// text replaces the names that stand for the application, in a file of any type.
func (r rewriter) text(text string) string {
	text = pathToken.ReplaceAllLiteralString(text, r.module)
	text = strings.ReplaceAll(text, skeletonURL, r.url)
	text = strings.ReplaceAll(text, skeletonTitle, title(r.name))
	return strings.ReplaceAll(text, skeletonName, r.name)
}

// path is text for the path of a file.
func (r rewriter) path(path string) string {
	return strings.ReplaceAll(path, skeletonName, r.name)
}

// goFile rewrites and formats a Go file.
func (r rewriter) goFile(path string, source []byte) ([]byte, error) {
	source, _, err := r.imports(path, source)
	if err != nil {
		return nil, err
	}
	formatted, err := format.Source([]byte(r.text(string(source))))
	if err != nil {
		return nil, fmt.Errorf("formatting %s: %w", path, err)
	}
	return formatted, nil
}

// templFile rewrites a template, which starts like a Go file: package, then imports.
func (r rewriter) templFile(path string, source []byte) ([]byte, error) {
	source, end, err := r.imports(path, source)
	if err != nil {
		return nil, err
	}
	if end == 0 {
		return []byte(r.text(string(source))), nil
	}
	head, err := format.Source(source[:end])
	if err != nil {
		return nil, fmt.Errorf("formatting the imports of %s: %w", path, err)
	}
	return []byte(r.text(string(bytes.TrimRight(head, "\n")) + string(source[end:]))), nil
}

// imports replaces the paths in the import declarations, and returns where the last of them ends, 0 without any. Only
// their bytes change: comments and layout stay.
func (r rewriter) imports(path string, source []byte) ([]byte, int, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, path, source, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, 0, fmt.Errorf("reading the imports: %w", err)
	}
	var out bytes.Buffer
	last, grown := 0, 0
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, 0, fmt.Errorf("reading the imports of %s: %w", path, err)
		}
		rest, ours := strings.CutPrefix(imported, skeletonPath)
		if !ours || (rest != "" && rest[0] != '/') {
			continue
		}
		start, end := files.Position(spec.Path.Pos()).Offset, files.Position(spec.Path.End()).Offset
		renamed := strconv.Quote(r.module + r.path(rest))
		out.Write(source[last:start])
		out.WriteString(renamed)
		grown += len(renamed) - (end - start)
		last = end
	}
	out.Write(source[last:])
	return out.Bytes(), importsEnd(files, parsed, grown), nil
}

// importsEnd is the offset behind the last import declaration, moved by what the paths have grown.
func importsEnd(files *token.FileSet, parsed *ast.File, grown int) int {
	if len(parsed.Decls) == 0 {
		return 0
	}
	return files.Position(parsed.Decls[len(parsed.Decls)-1].End()).Offset + grown
}
