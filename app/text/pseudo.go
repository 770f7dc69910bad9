package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

// Pseudo-languages, with which an application is tested before it is translated.
const (
	// PseudoLong is English with accents, in brackets, and 40 % longer: a text without accents does not come from a file,
	// and a text without its bracket is cut off.
	PseudoLong = "en-XA"
	// PseudoRTL is the same, written from right to left.
	PseudoRTL = "ar-XB"
)

// Pseudo returns the file of a pseudo-language, [PseudoLong] or [PseudoRTL], with every text of the application and of
// its sets.
func (c *Catalogue) Pseudo(lang string) ([]byte, error) {
	if lang != PseudoLong && lang != PseudoRTL {
		return nil, fmt.Errorf("unknown pseudo-language %q, expected %s or %s", lang, PseudoLong, PseudoRTL)
	}
	tag := language.Make(lang)
	file := map[string]any{}
	for _, s := range c.sets {
		for _, key := range s.Keys() {
			put(file, strings.Split(s.prefix()+key, "."), s.find(key, c.Default().languages).pseudo(tag))
		}
	}
	return yaml.Marshal(file)
}

// prefix returns what keys of the set begin with in files of the application.
func (s *Set) prefix() string {
	if s.name == "" {
		return ""
	}
	return s.name + "."
}

// put adds a value below the names of a path.
func put(file map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		inner, _ := file[name].(map[string]any)
		if inner == nil {
			inner = map[string]any{}
			file[name] = inner
		}
		file = inner
	}
	file[path[len(path)-1]] = value
}

// pseudo returns the message as a file has it, with the plural forms of the language.
func (m *message) pseudo(tag language.Tag) any {
	if m.forms == nil {
		return pseudoText(m.plain)
	}
	texts := map[string]string{}
	if m.zero != nil {
		texts[exactlyZero] = pseudoText(m.zero)
	}
	for _, name := range formNames() {
		if !slices.Contains(pluralForms(tag), forms[name]) {
			continue
		}
		parts, has := m.forms[forms[name]]
		if !has || tag != m.lang {
			parts = m.forms[forms["other"]]
		}
		texts[name] = pseudoText(parts)
	}
	return texts
}

// accents replace letters by similar ones.
var accents = strings.NewReplacer(
	"a", "á", "c", "ç", "d", "ð", "e", "é", "g", "ğ", "h", "ĥ", "i", "í", "j", "ĵ", "k", "ķ", "l", "ļ", "n", "ñ", "o", "ö",
	"r", "ŕ", "s", "š", "t", "ţ", "u", "ü", "w", "ŵ", "y", "ý", "z", "ž", "b", "ƀ", "f", "ƒ", "m", "ɱ", "p", "þ", "q", "ǫ", "v", "ṽ", "x", "ẋ",
	"A", "Á", "B", "Ɓ", "C", "Ç", "D", "Ð", "E", "É", "F", "Ƒ", "G", "Ğ", "H", "Ĥ", "I", "Í", "J", "Ĵ", "K", "Ķ", "L", "Ļ", "M", "Ṁ",
	"N", "Ñ", "O", "Ö", "P", "Þ", "Q", "Ǫ", "R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Ü", "V", "Ṽ", "W", "Ŵ", "X", "Ẋ", "Y", "Ý", "Z", "Ž",
	"{", "{{", "}", "}}",
)

// pseudoText returns a text with accents and brackets, 40 % longer. A text of arguments alone stays as it is.
func pseudoText(parts []part) string {
	var b strings.Builder
	letters := 0
	for _, p := range parts {
		switch {
		case p.arg == "":
			b.WriteString(accents.Replace(p.literal))
			letters += utf8.RuneCountInString(strings.TrimSpace(p.literal))
		case p.style == "":
			b.WriteString("{" + p.arg + "}")
		default:
			b.WriteString("{" + p.arg + ", " + p.style + "}")
		}
	}
	if letters == 0 {
		return b.String()
	}
	for i := range letters * 4 / 10 {
		if i%6 == 0 {
			b.WriteByte(' ') // lines can break here
		}
		b.WriteByte('~')
	}
	return "[" + b.String() + "]"
}
