package text

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// message is a text of one language, in one form or in plural forms.
type message struct {
	lang  language.Tag
	plain []part // nil for a text with plural forms
	forms map[plural.Form][]part
	zero  []part // the form "=0"; nil without it
	by    string // the argument that selects the form
}

// part is a literal, or an argument with a style.
type part struct{ literal, arg, style string }

// styles are the names that may follow an argument and a comma.
var styles = []string{"", "date", "time", "datetime", "precise", "relative", "list"}

// forms are the names of plural forms in files.
var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few, "many": plural.Many,
	"other": plural.Other,
}

const exactlyZero = "=0"

// parseParts parses a text with arguments in braces.
func parseParts(text string) ([]part, error) {
	parts := []part{}
	var literal strings.Builder
	for text != "" {
		i := strings.IndexAny(text, "{}")
		if i < 0 {
			literal.WriteString(text)
			break
		}
		literal.WriteString(text[:i])
		if i+1 < len(text) && text[i] == text[i+1] {
			literal.WriteByte(text[i])
			text = text[i+2:]
			continue
		}
		end := strings.IndexByte(text, '}')
		if text[i] == '}' || end < 0 {
			return nil, fmt.Errorf("unbalanced brace in %q; write {{ or }} for a brace", text)
		}
		if literal.Len() > 0 {
			parts = append(parts, part{literal: literal.String()})
			literal.Reset()
		}
		name, style, _ := strings.Cut(text[i+1:end], ",")
		p := part{arg: strings.TrimSpace(name), style: strings.TrimSpace(style)}
		if !isName(p.arg) {
			return nil, fmt.Errorf("{%s}: expected the name of an argument in lower-case letters, digits and _", text[i+1:end])
		}
		if !slices.Contains(styles, p.style) {
			return nil, fmt.Errorf("{%s}: unknown style %q, expected one of %s",
				text[i+1:end], p.style, strings.Join(styles[1:], ", "))
		}
		parts = append(parts, p)
		text = text[end+1:]
	}
	if literal.Len() > 0 || len(parts) == 0 {
		parts = append(parts, part{literal: literal.String()})
	}
	return parts, nil
}

func isName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// newMessage returns the message of a plain text.
func newMessage(lang language.Tag, text string) (*message, error) {
	parts, err := parseParts(text)
	if err != nil {
		return nil, err
	}
	return &message{lang: lang, plain: parts}, nil
}

// newPlural returns the message of a text with plural forms, which must be those of the language.
func newPlural(lang language.Tag, texts map[string]string) (*message, error) {
	m := &message{lang: lang, forms: map[plural.Form][]part{}}
	for name, text := range texts {
		parts, err := parseParts(text)
		if err != nil {
			return nil, fmt.Errorf("form %s: %w", name, err)
		}
		if name == exactlyZero {
			m.zero = parts
		} else {
			m.forms[forms[name]] = parts
		}
	}
	want := pluralForms(lang)
	for _, name := range formNames() {
		_, has := m.forms[forms[name]]
		needed := slices.Contains(want, forms[name])
		if needed && !has {
			return nil, fmt.Errorf("the plural form %q is missing", name)
		}
		if !needed && has {
			return nil, fmt.Errorf("the language %s has no plural form %q", lang, name)
		}
	}
	m.by = "n"
	if args := argsOf(m.forms[plural.Other]); len(args) == 1 {
		m.by = args[0]
	} else if !slices.Contains(args, "n") {
		return nil, fmt.Errorf("the form other has %d arguments and none is {n}, so the number is unclear", len(args))
	}
	return m, nil
}

// formNames returns the names of the plural forms in the order of CLDR.
func formNames() []string { return []string{"zero", "one", "two", "few", "many", "other"} }

// pluralForms returns the plural forms that whole numbers and decimals have in a language.
func pluralForms(lang language.Tag) []plural.Form {
	found := []plural.Form{plural.Other}
	add := func(form plural.Form) {
		if !slices.Contains(found, form) {
			found = append(found, form)
		}
	}
	for n := range 201 {
		add(pluralForm(lang, int64(n)))
	}
	add(pluralForm(lang, 1_000_000))
	return found
}

// pluralForm returns the plural form of a whole number.
func pluralForm(lang language.Tag, n int64) plural.Form {
	n = max(n, -n)
	// MatchPlural expects numbers modulo 10,000,000, from which the rules of CLDR do not differ.
	if n >= 10_000_000 {
		n = n%10_000_000 + 10_000_000
	}
	return plural.Cardinal.MatchPlural(lang, int(n), 0, 0, 0, 0)
}

// args returns the names of all arguments of a message.
func (m *message) args() []string {
	if m.forms == nil {
		return argsOf(m.plain)
	}
	names := argsOf(m.zero)
	for _, parts := range m.forms {
		names = append(names, argsOf(parts)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func argsOf(parts []part) []string {
	var names []string
	for _, p := range parts {
		if p.arg != "" && !slices.Contains(names, p.arg) {
			names = append(names, p.arg)
		}
	}
	return names
}

// format returns the text with its arguments, which are pairs of name and value.
func (m *message) format(l *Locale, args []any) string {
	parts := m.plain
	if m.forms != nil {
		parts = m.form(args)
	}
	if len(parts) == 1 && parts[0].arg == "" {
		return parts[0].literal
	}
	return l.join(parts, func(p part) string { return l.value(argument(args, p.arg), p.style) })
}

// join returns parts with the values of their arguments.
func (l *Locale) join(parts []part, value func(part) string) string {
	var b strings.Builder
	b.Grow(64)
	for _, p := range parts {
		b.WriteString(p.literal)
		if p.arg != "" {
			b.WriteString(l.isolate(value(p)))
		}
	}
	return b.String()
}

// form returns the plural form for the number among the arguments.
func (m *message) form(args []any) []part {
	n, whole := wholeNumber(argument(args, m.by))
	if whole && n == 0 && m.zero != nil {
		return m.zero
	}
	if whole {
		if parts, has := m.forms[pluralForm(m.lang, n)]; has {
			return parts
		}
	}
	return m.forms[plural.Other]
}

// argument returns the value of a named argument; nil if it is missing.
func argument(args []any, name string) any {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}
