package dev

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// excerptLines is how many source lines are shown on each side of a frame's line.
const excerptLines = 5

// excerpt returns the lines around a line of a file, or nothing where the
// source is not at hand.
func excerpt(file string, line int) []sourceLine {
	f, err := os.Open(file) //nolint:gosec // the path comes from the program's own symbol table
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // opened for reading only
	var lines []sourceLine
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan() && n <= line+excerptLines; n++ {
		if n >= line-excerptLines {
			lines = append(lines, sourceLine{n, strings.ReplaceAll(scanner.Text(), "\t", "    "), n == line})
		}
	}
	return lines
}

// findHandler returns where the handler with this name (echo's) is written, or
// nil. It looks the name up in the source below the working directory: the symbol
// table knows only the closures that echo and the compiler wrap around handlers.
func findHandler(name string) *frame {
	f := &frame{Function: strings.TrimSuffix(name, "-fm")}
	f.File, f.Line = findFunction(f.Function)
	if f.Source = excerpt(f.File, f.Line); len(f.Source) == 0 {
		return nil
	}
	return f
}

// functionName takes apart "blog/app/contact.(*Handler).Show", "blog/app.home" and
// "blog/app.routes.func1": package, receiver, function.
var functionName = regexp.MustCompile(`^(.*?/?[^/.]+)\.(?:\(?\*?(\w+)\)?\.)??(\w+)(?:\.func[\d.]+)?$`)

// findFunction returns file and line of a function or method of the main module.
func findFunction(name string) (string, int) {
	match := functionName.FindStringSubmatch(name)
	module := mainModule()
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
