package scaffold

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// markerLine is a comment of some language with a marker and nothing else on the line.
var markerLine = regexp.MustCompile(
	`^\s*(?://|#|--|;|/\*|<!--|\{\{-?\s*/\*|\{/\*)\s*` +
		`covet:(if|end|file)\b[ \t]*([\w!| \t]*?)\s*` +
		`(?:\*/\s*-?\}\}|\*/\}|\*/|-->)?\s*$`)

var markerWord = regexp.MustCompile(`covet:(if|end|file)\b`)

// fileMarkerLines is how far down a marker about the whole file may stand: below a shebang, a doctype, a licence line.
const fileMarkerLines = 5

// applyMarkers returns the text without the marker lines and without what they exclude. It reports false when a marker
// leaves the whole file out. Errors name the path and the line.
func applyMarkers(path, text string, on features) (string, bool, error) {
	m := &markers{path: path, on: on, included: true}
	for line := range strings.Lines(text) {
		m.number++
		if err := m.line(line); err != nil {
			return "", false, fmt.Errorf("%s:%d: %w", path, m.number, err)
		}
	}
	if open := len(m.blocks); open > 0 {
		return "", false, fmt.Errorf("%s:%d: covet:if without covet:end", path, m.blocks[open-1].line)
	}
	return m.out.String(), m.included, nil
}

// markers is the state while the lines of one file are read.
type markers struct {
	path     string
	on       features
	number   int
	included bool // whether the file is kept
	blocks   []block
	out      strings.Builder

	blank   bool // whether the last line written was blank
	resumed bool // whether a marker stood between the last line written and this one
}

type block struct {
	line     int
	included bool // whether it, and every block around it, is kept
}

func (m *markers) line(line string) error {
	match := markerLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
	switch {
	case match == nil && markerWord.MatchString(line):
		return errors.New("a marker must be a comment on a line of its own")
	case match == nil:
		m.write(line)
		return nil
	}
	m.resumed = true
	return m.marker(match[1], match[2])
}

func (m *markers) marker(kind, expression string) error {
	if kind == "end" {
		if expression != "" {
			return fmt.Errorf("covet:end accepts no arguments, got %q", expression)
		}
		if len(m.blocks) == 0 {
			return errors.New("covet:end without covet:if")
		}
		m.blocks = m.blocks[:len(m.blocks)-1]
		return nil
	}
	included, err := evaluate(expression, m.on)
	if err != nil {
		return err
	}
	if kind == "if" {
		m.blocks = append(m.blocks, block{line: m.number, included: included && m.writing()})
		return nil
	}
	if m.number > fileMarkerLines || len(m.blocks) > 0 {
		return fmt.Errorf("covet:file must be in the first %d lines, outside of blocks", fileMarkerLines)
	}
	m.included = m.included && included
	return nil
}

func (m *markers) writing() bool {
	return len(m.blocks) == 0 || m.blocks[len(m.blocks)-1].included
}

// write keeps a line, unless it is the second of two blank ones that a marker stood between, or a blank one that has
// moved to the top of the file.
func (m *markers) write(line string) {
	if !m.writing() {
		return
	}
	blank := strings.TrimSpace(line) == ""
	if blank && m.resumed && (m.blank || m.out.Len() == 0) {
		return
	}
	m.out.WriteString(line)
	m.blank, m.resumed = blank, false
}

// evaluate decides an expression: names joined by |, each of which may be negated with !.
func evaluate(expression string, on features) (bool, error) {
	if strings.TrimSpace(expression) == "" {
		return false, errors.New("the marker has no condition")
	}
	result := false
	for term := range strings.SplitSeq(expression, "|") {
		name, negated := strings.CutPrefix(strings.TrimSpace(term), "!")
		value, known := on[name]
		if !known {
			return false, fmt.Errorf("unknown name %q; the names are %s", name, strings.Join(sortedKeys(on), ", "))
		}
		result = result || value != negated
	}
	return result, nil
}

func sortedKeys(on features) []string {
	var names []string
	for name := range on {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
