package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

const extension = ".yaml"

// readFolder reads the files of a folder, one per language. It returns all faults.
func readFolder(files fs.FS, folder string) (map[language.Tag]map[string]*message, error) {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	languages := map[language.Tag]map[string]*message{}
	var faults []error
	for _, entry := range entries {
		base, isText := strings.CutSuffix(entry.Name(), extension)
		if entry.IsDir() || !isText {
			continue
		}
		name := path.Join(folder, entry.Name())
		lang, err := language.Parse(base)
		if err != nil || lang == language.Und {
			faults = append(faults, fmt.Errorf("%s: %q is not a language; name files like de.yaml or pt-BR.yaml", name, base))
			continue
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		r := reader{name: name, lang: lang, messages: map[string]*message{}}
		r.read(content)
		faults = append(faults, r.faults...)
		languages[lang] = r.messages
	}
	return languages, errors.Join(faults...)
}

// reader reads one file.
type reader struct {
	name     string
	lang     language.Tag
	messages map[string]*message
	faults   []error
}

func (r *reader) fault(line int, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %w", r.name, line, fmt.Errorf(format, args...)))
}

func (r *reader) read(content []byte) {
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return // an empty file
	} else if err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s: %w", r.name, err))
		return
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.faults = append(r.faults, fmt.Errorf("%s: expected one YAML document", r.name))
	}
	r.mapping("", root.Content[0])
}

// mapping reads the keys of a section.
func (r *reader) mapping(prefix string, node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return // only comments
	}
	if node.Kind != yaml.MappingNode {
		r.fault(node.Line, "expected keys with texts, such as \"title: Sessions\"")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		key := prefix + name.Value
		switch {
		case name.Kind != yaml.ScalarNode || !isName(name.Value):
			r.fault(name.Line, "invalid key %q: expected lower-case letters, digits and _", name.Value)
		case seen[name.Value]:
			r.fault(name.Line, "the key %s occurs twice", key)
		case value.Kind == yaml.MappingNode && isPlural(value):
			r.plural(key, value)
		case value.Kind == yaml.MappingNode:
			r.mapping(key+".", value)
		case value.Kind != yaml.ScalarNode || value.Tag == "!!null":
			r.fault(value.Line, "%s: expected a text", key)
		default:
			r.add(key, value.Line, func() (*message, error) { return newMessage(r.lang, value.Value) })
		}
		seen[name.Value] = true
	}
}

func (r *reader) add(key string, line int, build func() (*message, error)) {
	m, err := build()
	if err != nil {
		r.fault(line, "%s: %w", key, err)
		return
	}
	r.messages[key] = m
}

// isPlural reports whether a mapping contains plural forms, and not further keys.
func isPlural(node *yaml.Node) bool {
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == "other" && node.Content[i+1].Kind == yaml.ScalarNode {
			return true
		}
	}
	return false
}

func (r *reader) plural(key string, node *yaml.Node) {
	texts := map[string]string{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if _, known := forms[name.Value]; !known && name.Value != exactlyZero {
			r.fault(name.Line, "%s: unknown plural form %q, expected %s or %q",
				key, name.Value, strings.Join(formNames(), ", "), exactlyZero)
			return
		}
		if _, twice := texts[name.Value]; twice || value.Kind != yaml.ScalarNode {
			r.fault(name.Line, "%s: expected one text for the plural form %q", key, name.Value)
			return
		}
		texts[name.Value] = value.Value
	}
	r.add(key, node.Line, func() (*message, error) { return newPlural(r.lang, texts) })
}

// sorted returns the keys of a map in order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
