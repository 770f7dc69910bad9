package dev

import (
	"bufio"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"github.com/labstack/echo/v4"
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

// findHandler returns where the handler with this name (echo's, such as
// "blog/app/contact.(*Handler).Show-fm") is written, or nil. The symbol table
// knows it for functions; a method value is looked up in the source below the
// working directory.
func findHandler(name string, handler echo.HandlerFunc) *frame {
	f := &frame{Function: strings.TrimSuffix(name, "-fm")}
	if fn := runtime.FuncForPC(reflect.ValueOf(handler).Pointer()); fn != nil {
		f.File, f.Line = fn.FileLine(fn.Entry())
	}
	if strings.HasSuffix(name, "-fm") {
		f.File, f.Line = findMethod(f.Function)
	}
	if f.Source = excerpt(f.File, f.Line); len(f.Source) == 0 {
		return nil
	}
	return f
}

var methodName = regexp.MustCompile(`^(.*)\.\(?\*?(\w+)\)?\.(\w+)$`)

// findMethod returns file and line of a method of the main module, such as
// "blog/app/contact.(*Handler).Show".
func findMethod(name string) (string, int) {
	match := methodName.FindStringSubmatch(name)
	if match == nil {
		return "", 0
	}
	dir := "." + strings.TrimPrefix(match[1], mainModule())
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", 0
	}
	declaration := regexp.MustCompile(`^func \((\w+ )?\*?` + match[2] + `(\[.*\])?\) ` + match[3] + `\(`)
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
