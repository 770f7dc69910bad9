package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a file of the project into a layer of its own. A missing file is an empty layer.
func (l *loader) readYAML(path string) *layer {
	file := &yamlFile{loader: l, path: filepath.ToSlash(path), layer: newLayer(), seen: map[string]int{}}
	data, err := os.ReadFile(filepath.Join(l.opts.Dir, path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		l.faults = append(l.faults, unreadable(file.path, err))
	default:
		file.read(data)
	}
	return file.layer
}

// unreadable is the fault of a file that exists and cannot be read.
func unreadable(path string, err error) Fault {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return Fault{
		Source: path, Problem: fmt.Sprintf("cannot be read: %v", err),
		Hint: "Make it a file that this user may read, or remove it.",
	}
}

// A yamlFile is one YAML file on its way into a layer. Nodes are read instead of values, because they know their
// lines and still have the keys that occur twice.
type yamlFile struct {
	loader *loader
	path   string
	layer  *layer
	seen   map[string]int // key → line
}

func (y *yamlFile) read(data []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return
	}
	if err == nil && len(document.Content) > 0 {
		y.section(document.Content[0], "")
		var more yaml.Node
		if next := decoder.Decode(&more); next == nil {
			y.fault("", more.Line, "a second YAML document starts here, which is never read", "Remove the line ---.")
		} else if !errors.Is(next, io.EOF) {
			err = next
		}
	}
	if err != nil {
		y.invalid(data, err)
	}
}

func (y *yamlFile) fault(key string, line int, problem, hint string) {
	y.loader.faults = append(y.loader.faults, Fault{Key: key, Source: y.source(line), Problem: problem, Hint: hint})
}

func (y *yamlFile) source(line int) string {
	if line == 0 {
		return y.path
	}
	return y.path + ":" + strconv.Itoa(line)
}

var (
	yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)
	// The errors of the library's parser count lines from 0, those of its scanner from 1.
	countsFromZero = regexp.MustCompile(`^did not find expected (key|'-' indicator|',' or|node content|<)`)
	tabIndent      = regexp.MustCompile(`(?m)^ *\t[ \t]*[^\s#]`)
)

// invalid reports a file that is no YAML. A tab is the usual reason, and the parser's text does not say so.
func (y *yamlFile) invalid(data []byte, err error) {
	if at := tabIndent.FindIndex(data); at != nil {
		line := bytes.Count(data[:at[0]], []byte("\n")) + 1
		y.fault("", line, "invalid YAML: the line is indented with a tab", "Indent with spaces.")
		return
	}
	text, line := err.Error(), 0
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		text = text[len(match[0]):]
		line, _ = strconv.Atoi(match[1]) // 0 when the parser names no line
	}
	if line > 0 && countsFromZero.MatchString(text) {
		line++
	}
	y.fault("", line, "invalid YAML: "+text, "")
}

// section reads the mapping of a section: its keys are known, and each occurs once.
func (y *yamlFile) section(node *yaml.Node, prefix string) {
	node = resolve(node)
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return
	}
	if node.Kind != yaml.MappingNode {
		hint := "Its keys are " + enumerate(y.loader.schema.children(prefix)) + "."
		y.fault(prefix, node.Line, "expected a section, not "+kindOf(node), hint)
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		y.entry(node.Content[i], node.Content[i+1], prefix)
	}
}

func (y *yamlFile) entry(name, node *yaml.Node, prefix string) {
	key := join(prefix, name.Value)
	s := y.loader.schema
	switch line, twice := y.seen[key]; {
	case name.Tag == "!!merge":
		y.fault(prefix, name.Line, "merge keys (<<) are not supported", "Write the keys out.")
	case name.Kind != yaml.ScalarNode:
		y.fault(prefix, name.Line, "a key has to be a word, not "+kindOf(name), "")
	case twice:
		y.fault(key, name.Line, fmt.Sprintf("is set in line %d already", line), "Remove one of the two lines.")
	case key == envKey:
		y.fault(key, name.Line, "cannot be set in a file, because it decides which files are read",
			"Set APP_ENV in the environment.")
	case strings.Contains(name.Value, "."):
		y.unknown(key, name.Value, prefix, name.Line)
	case s.byKey[key] != nil:
		y.seen[key] = name.Line
		y.leaf(s.byKey[key], resolve(node), name.Line)
	case s.isPrefix[key]:
		y.seen[key] = name.Line
		y.section(node, key)
	default:
		y.unknown(key, name.Value, prefix, name.Line)
	}
}

// unknown refuses a key, with the one that was probably meant: the same words nested differently, a similar key of
// this section, or the same name in another one.
func (y *yamlFile) unknown(key, name, prefix string, line int) {
	if y.loader.partial {
		return
	}
	names := y.loader.schema.children(prefix)
	hint := "The keys here are " + enumerate(names) + "."
	if other := y.find(func(f *field) bool { return strings.HasSuffix(f.key, "."+name) }); other != "" {
		hint = nestingHint(other)
	}
	if sibling := nearest(name, names); sibling != "" {
		hint = fmt.Sprintf("Did you mean %s?", join(prefix, sibling))
	}
	if same := y.find(func(f *field) bool { return normalize(f.key) == normalize(key) }); strings.Contains(same, ".") {
		hint = nestingHint(same)
	}
	y.fault(key, line, "is not a key of this configuration", hint)
}

func nestingHint(key string) string {
	return fmt.Sprintf("Did you mean %s? Nested keys are written below the name of their section.", key)
}

func (y *yamlFile) find(matches func(*field) bool) string {
	for _, f := range y.loader.schema.fields {
		if matches(f) {
			return f.key
		}
	}
	return ""
}

// leaf stores the value of a key. Whether it fits the type is seen when the layers are decoded.
func (y *yamlFile) leaf(f *field, node *yaml.Node, line int) {
	switch node.Kind {
	case yaml.ScalarNode:
		y.layer.set(f.key, scalarText(node), y.source(line))
	case yaml.SequenceNode:
		y.list(f, node, line)
	case yaml.MappingNode:
		y.pairs(f, node, line)
	default:
		y.fault(f.key, line, "expected "+expected(f.typ), "")
	}
}

func (y *yamlFile) list(f *field, node *yaml.Node, line int) {
	items := make([]string, 0, len(node.Content))
	for i, item := range node.Content {
		item = resolve(item)
		if item.Kind != yaml.ScalarNode {
			y.fault(f.key, item.Line, fmt.Sprintf("item %d: expected a single value, not %s", i+1, kindOf(item)), "")
			return
		}
		items = append(items, scalarText(item))
	}
	y.layer.set(f.key, items, y.source(line))
}

func (y *yamlFile) pairs(f *field, node *yaml.Node, line int) {
	pairs := make(map[string]string, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, item := node.Content[i], resolve(node.Content[i+1])
		if _, twice := pairs[name.Value]; twice || item.Kind != yaml.ScalarNode {
			y.fault(f.key, name.Line, fmt.Sprintf("entry %s: expected one single value", name.Value), "")
			return
		}
		pairs[name.Value] = scalarText(item)
	}
	y.layer.set(f.key, pairs, y.source(line))
}

func scalarText(node *yaml.Node) string {
	if node.Tag == "!!null" {
		return ""
	}
	return node.Value
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}

func kindOf(node *yaml.Node) string {
	switch node.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a section"
	default:
		return "a single value"
	}
}

// enumerate lists names for a sentence.
func enumerate(names []string) string {
	names = slices.Sorted(slices.Values(names))
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// rejectMisnamed reports files in config/ that look like configuration and are never read.
func (l *loader) rejectMisnamed() {
	entries, err := os.ReadDir(filepath.Join(l.opts.Dir, "config"))
	if err != nil {
		return // the files in it have been reported, or there is no folder
	}
	for _, entry := range entries {
		name := entry.Name()
		if want := expectedName(name); want != name {
			l.faults = append(l.faults, Fault{
				Source: "config/" + name, Problem: "is never read", Hint: "Rename it to " + want + ".",
			})
		}
	}
}

// expectedName is the name that a file in config/ has to have: another one for config.yml and config.prod.yaml.
func expectedName(name string) string {
	extension := filepath.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	if extension != ".yaml" && extension != ".yml" {
		return name
	}
	env, isEnv := strings.CutPrefix(stem, "config.")
	if isEnv {
		if env = nearestEnvironment(env); env == "" {
			return name
		}
		return "config." + env + ".yaml"
	}
	if stem == "config" {
		return "config.yaml"
	}
	return name
}
