package devserver

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
)

const generated = "_templ.go"

// errorPlace is how generated code says which expression of the template has failed while it ran.
var errorPlace = regexp.MustCompile("templ\\.Error\\{.*FileName: [`\"][^`\"]*[`\"], Line: (\\d+), Col: (\\d+)")

// inTemplates moves problems of generated code to the templates that people write, where the place there can be told.
func inTemplates(root string, problems []build.Problem) []build.Problem {
	moved := make([]build.Problem, len(problems))
	for i, p := range problems {
		moved[i] = p
		template, found := strings.CutSuffix(p.File, generated)
		if !found || !filepath.IsLocal(filepath.FromSlash(p.File)) {
			continue
		}
		template += ".templ"
		code, err := lines(root, p.File)
		source, sourceErr := lines(root, template)
		if err != nil || sourceErr != nil || p.Line < 1 || p.Line > len(code) {
			continue
		}
		if line, column, known := origin(code, source, p); known {
			moved[i] = build.Problem{File: template, Line: line, Column: column, Message: p.Message}
		}
	}
	return moved
}

func lines(root, name string) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	return strings.Split(string(content), "\n"), err
}

// origin finds the place in a template that a problem in its code comes from. Statements stand in both as they are;
// expressions are followed by their place in the template.
func origin(code, source []string, p build.Problem) (line, column int, known bool) {
	text := strings.TrimSpace(code[p.Line-1])
	for i, candidate := range source {
		if statement := strings.TrimLeft(candidate, " \t"); text != "" && strings.TrimSpace(statement) == text {
			if known {
				known = false // it stands there twice
				break
			}
			line, known = i+1, true
			column = max(p.Column-indentation(code[p.Line-1]), 1) + indentation(candidate)
		}
	}
	if known {
		return line, column, true
	}
	for _, next := range code[p.Line:min(p.Line+2, len(code))] {
		if match := errorPlace.FindStringSubmatch(next); match != nil {
			line, _ = strconv.Atoi(match[1]) // digits
			return line, 0, line > 0
		}
	}
	return 0, 0, false
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
