package devserver

import (
	"bufio"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// embedded reports whether a file of root is part of the program: whether a package in its folder, or in a parent
// folder, embeds it. It reads the //go:embed lines, which is faster than the go command. A false positive only costs a
// build.
func embedded(root, name string) bool {
	for folder := path.Dir(name); ; folder = path.Dir(folder) {
		rest := strings.TrimPrefix(name, folder+"/")
		if folder == "." {
			rest = name
		}
		sources, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.go")) // fails only for an invalid pattern
		for _, source := range sources {
			if embeds(source, rest) {
				return true
			}
		}
		if folder == "." {
			return false
		}
	}
}

// embeds reports whether a Go file embeds the file with this name, relative to its folder.
func embeds(source, name string) bool {
	file, err := os.Open(source)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		patterns, found := strings.CutPrefix(lines.Text(), "//go:embed ")
		for _, pattern := range fields(patterns) {
			if found && matches(strings.TrimPrefix(pattern, "all:"), name) {
				return true
			}
		}
	}
	return false
}

// fields splits the patterns of a line, each of which may be quoted.
func fields(text string) []string {
	var patterns []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if quoted, err := strconv.QuotedPrefix(text); err == nil {
			if pattern, err := strconv.Unquote(quoted); err == nil {
				patterns = append(patterns, pattern)
			}
			text = text[len(quoted):]
			continue
		}
		pattern, rest, _ := strings.Cut(text, " ")
		patterns = append(patterns, pattern)
		text = rest
	}
	return patterns
}

// matches reports whether a pattern matches a file or a folder above it.
func matches(pattern, name string) bool {
	for ; name != "."; name = path.Dir(name) {
		if match, err := path.Match(pattern, name); err == nil && match {
			return true
		}
	}
	return pattern == "."
}
