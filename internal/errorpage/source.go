package errorpage

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// Excerpt is a place in a source file with the lines around it.
type Excerpt struct {
	// Name is the file as people know it: below the project where possible.
	Name string
	// Path is the file's absolute path, "" when it is not known.
	Path string
	// Line is the line that is meant, from 1; 0 when it is not known.
	Line int
	// Column is the byte in the line that is meant, from 1; 0 when it is not known.
	Column int
	// Lines are the lines around it. There are none when the file may not be read.
	Lines []Line
	// Link opens the place in an editor; "" without one.
	Link string
}

// Line is one line of a source file.
type Line struct {
	Number  int
	Text    string // with tabs as spaces
	Current bool   // it is the one that is meant
	Caret   int    // characters before the column that is meant; -1 when there is none
}

// contextLines is how many lines are shown above and below.
const contextLines = 5

// maxSource bounds the file that is read, and maxText the line that is shown.
const (
	maxSource = 4 << 20
	maxText   = 400
)

// Reader reads excerpts of source files.
type Reader struct {
	// Root is the project's folder. Names that are not absolute are below it.
	Root string
	// Folders are further ones that may be read: see [Folders].
	Folders []string
	// Editor makes the links.
	Editor Editor
}

// Folders returns where the Go command keeps the source of others: the standard library, and the module cache.
func Folders(env func(string) string) []string {
	folders := []string{runtime.GOROOT()} //nolint:staticcheck // where this program was built is where its source is
	cache := env("GOMODCACHE")
	if cache == "" {
		path := env("GOPATH")
		if path == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return folders
			}
			path = filepath.Join(home, "go")
		}
		cache = filepath.Join(filepath.SplitList(path)[0], "pkg", "mod")
	}
	return slices.DeleteFunc(append(folders, cache), func(folder string) bool { return folder == "" })
}

// Excerpt returns a place with the lines around it, as far as they may be read.
func (r Reader) Excerpt(file string, line, column int) Excerpt {
	e := Excerpt{Name: file, Line: line, Column: column}
	if file == "" {
		return e
	}
	path := file
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.Root, path)
	}
	path, err := filepath.Abs(path)
	if err != nil || !r.allowed(path) {
		return e
	}
	e.Path, e.Name = path, r.name(path)
	e.Link = r.Editor.Link(path, line, column)
	e.Lines = readLines(path, line, column)
	return e
}

// name returns a path as people know it.
func (r Reader) name(path string) string {
	root, err := filepath.Abs(r.Root)
	if err != nil {
		return path
	}
	if name, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(name) {
		return filepath.ToSlash(name)
	}
	return path
}

// sources are the names of files whose text is source. Others, such as .env, hold secrets.
var sources = []string{".go", ".templ", ".sql", ".s", ".c", ".h", ".mod"}

// allowed reports whether a file is source code of the project, of a module or of the standard library.
//
// Threat: what a compiler or a panic says is text that others can shape; a page must not show any file that it names.
func (r Reader) allowed(path string) bool {
	if !slices.Contains(sources, filepath.Ext(path)) {
		return false
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return false
	}
	for _, folder := range append([]string{r.Root}, r.Folders...) {
		folder, err := filepath.Abs(folder)
		if err != nil {
			continue
		}
		if folder, err = filepath.EvalSymlinks(folder); err != nil {
			continue
		}
		if name, err := filepath.Rel(folder, target); err == nil && filepath.IsLocal(name) &&
			slices.Contains(sources, filepath.Ext(target)) {
			return true
		}
	}
	return false
}

// readLines returns the lines around one of a file, or none when the file cannot be read.
func readLines(path string, line, column int) []Line {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || line < 1 {
		return nil
	}
	file, err := os.Open(path) //nolint:gosec // the folders were checked
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // opened for reading only
	var lines []Line
	scanner := bufio.NewScanner(io.LimitReader(file, maxSource))
	scanner.Buffer(nil, 1<<20)
	for n := 1; scanner.Scan() && n <= line+contextLines; n++ {
		if n >= line-contextLines {
			lines = append(lines, newLine(n, scanner.Text(), n == line, column))
		}
	}
	return lines
}

func newLine(number int, text string, current bool, column int) Line {
	text = strings.ToValidUTF8(strings.TrimRight(text, "\r"), "\uFFFD")
	line := Line{Number: number, Current: current, Caret: -1}
	if current && column > 0 && column <= len(text)+1 {
		line.Caret = utf8.RuneCountInString(spaces(text[:column-1]))
	}
	line.Text = spaces(text)
	if utf8.RuneCountInString(line.Text) > maxText {
		line.Text = string([]rune(line.Text)[:maxText]) + " …"
		if line.Caret > maxText {
			line.Caret = -1
		}
	}
	return line
}

// spaces writes tabs as four spaces, so that a caret below the line stands where it should.
func spaces(text string) string { return strings.ReplaceAll(text, "\t", "    ") }
