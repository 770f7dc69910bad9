package devserver

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/scaffold"
)

const generated = "_templ.go"

// inTemplates moves problems of generated code to the templates that people write, where the place there is known.
func inTemplates(root string, problems []build.Problem) []build.Problem {
	moved := make([]build.Problem, len(problems))
	for i, p := range problems {
		moved[i] = p
		template, found := strings.CutSuffix(p.File, generated)
		if !found || !filepath.IsLocal(filepath.FromSlash(p.File)) {
			continue
		}
		template += ".templ"
		code, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p.File)))
		source, sourceErr := os.ReadFile(filepath.Join(root, filepath.FromSlash(template)))
		if err != nil || sourceErr != nil {
			continue
		}
		line, column, known := scaffold.ViewPlace(scaffold.File{Path: template, Content: source}, code, p.Line, p.Column)
		if known {
			moved[i] = build.Problem{File: template, Line: line, Column: column, Message: p.Message}
		}
	}
	return moved
}
