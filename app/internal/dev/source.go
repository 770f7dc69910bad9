package dev

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/covetgo/covet/internal/errorpage"
)

// findHandler returns where the handler with this name (echo's) is written, or
// nil. It looks the name up in the source below the working directory: the symbol
// table knows only the closures that echo and the compiler wrap around handlers.
func findHandler(reader errorpage.Reader, name string) *frame {
	f := &frame{Function: strings.TrimSuffix(name, "-fm")}
	file, line := findFunction(f.Function)
	if f.Excerpt = reader.Excerpt(file, line, 0); len(f.Excerpt.Lines) == 0 {
		return nil
	}
	return f
}

// functionName takes apart "blog/app/contact.(*Handler).Show", "blog/app.home" and
// "blog/app.routes.func1": package, receiver, function.
var functionName = regexp.MustCompile(`^(.*?/?[^/.]+)\.(?:\(?\*?(\w+)\)?\.)??(\w+)(?:\.func[\d.]+)?$`)

var closure = regexp.MustCompile(`\.func\d[\d.]*$`)

// findFunction returns file and line of a function or method of the main module.
func findFunction(name string) (string, int) {
	match := functionName.FindStringSubmatch(name)
	module := mainModule()
	if closure.MatchString(name) {
		return "", 0 // its name leads to the function around it, which has nothing to do with the error
	}
	if match == nil || !strings.HasPrefix(match[1], module) {
		return "", 0
	}
	receiver := ""
	if match[2] != "" {
		receiver = `\((\w+ )?\*?` + match[2] + `(\[.*\])?\) `
	}
	declaration := regexp.MustCompile(`^func ` + receiver + match[3] + `[(\[]`)
	files, err := filepath.Glob(filepath.Join("."+strings.TrimPrefix(match[1], module), "*.go"))
	if err != nil {
		return "", 0
	}
	for _, file := range files {
		if line := findLine(file, declaration); line > 0 {
			return file, line
		}
	}
	return "", 0
}

func findLine(file string, pattern *regexp.Regexp) int {
	f, err := os.Open(file) //nolint:gosec // the path comes from listing a folder
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // opened for reading only
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		if pattern.MatchString(scanner.Text()) {
			return n
		}
	}
	return 0
}
