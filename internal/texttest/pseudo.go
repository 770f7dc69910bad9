package texttest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
	"golang.org/x/net/html"

	"github.com/covetgo/covet/app/text"
)

// PseudoLanguage is the language of [Pseudo], English with accents.
const PseudoLanguage = "en-XA"

// Pseudo returns the own texts of an application that has two languages: English, and [PseudoLanguage], in which every
// letter of the texts of the sets has an accent, and texts are a third longer. A letter without an accent on a page in this
// language is a literal in the code, which [Literals] finds.
//
//	covet.New(cfg, covet.Options{Texts: texttest.Pseudo(t, text.Formats(), web.Texts(), notes.Texts())})
//
// Styles of arguments, such as {at, date}, are lost: a time is a date with a time.
func Pseudo(t testing.TB, sets ...*text.Set) *text.Set {
	t.Helper()
	root := map[string]any{}
	for _, set := range sets {
		for _, key := range set.Keys() {
			names := append([]string{set.Name()}, strings.Split(key, ".")...)
			section := root
			for _, name := range names[:len(names)-1] {
				if _, has := section[name]; !has {
					section[name] = map[string]any{}
				}
				section, _ = section[name].(map[string]any)
			}
			section[names[len(names)-1]] = pseudo(set, key)
		}
	}
	content, err := yaml.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	own, err := text.Load("", fstest.MapFS{"en.yaml": {}, PseudoLanguage + ".yaml": {Data: content}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// marker surrounds the names of arguments, which are written as they are.
const marker = "\x00"

// pseudo returns the English text of a key with accents, as it is written in a file.
func pseudo(set *text.Set, key string) string {
	names, _ := set.Args(key)
	var args []any
	for _, name := range names {
		args = append(args, name, marker+name+marker)
	}
	var b strings.Builder
	length := 0
	for i, part := range strings.Split(set.T(context.Background(), key, args...), marker) {
		if i%2 == 1 {
			b.WriteString("{" + part + "}")
			continue
		}
		b.WriteString(accent(strings.NewReplacer("{", "{{", "}", "}}").Replace(part)))
		length += len(part)
	}
	return b.String() + strings.Repeat(" ~", length/6)
}

const (
	letters  = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	accented = "áƀçđéƒǧĥíĵķļɱñóþɋŕšţúṽŵẋýžÁɃÇĐÉƑǦĤÍĴĶĻṀÑÓÞɊŔŠŢÚṼŴẊÝŽ"
)

// accent gives each ASCII letter an accent.
func accent(text string) string {
	return strings.Map(func(r rune) rune {
		if i := strings.IndexRune(letters, r); i >= 0 {
			return []rune(accented)[i]
		}
		return r
	}, text)
}

// read are the attributes that users read or hear.
var read = []string{"title", "alt", "placeholder", "aria-label", "data-label", "data-show", "data-hide"}

// Literals returns the texts of a page or mail in [PseudoLanguage] that have a letter without an accent: those that do not
// come from a catalogue. Page is HTML or plain text. Known are data, such as names and addresses, which are not texts;
// so is what is in an element code, or in one with translate="no".
func Literals(t testing.TB, page string, known ...string) []string {
	t.Helper()
	document, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	known = slices.Clone(known)
	slices.SortFunc(known, func(a, b string) int { return len(b) - len(a) })
	var found []string
	check := func(text string) {
		rest := text
		for _, one := range known {
			rest = strings.ReplaceAll(rest, one, "")
		}
		if text = strings.TrimSpace(text); strings.ContainsAny(rest, letters) && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			check(n.Data)
		}
		if n.Type == html.ElementNode && !isText(n) {
			return
		}
		for _, attribute := range n.Attr {
			if slices.Contains(read, attribute.Key) {
				check(attribute.Val)
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	walk(document)
	return found
}

// isText reports whether users read the content of an element as text.
func isText(n *html.Node) bool {
	if slices.Contains([]string{"script", "style", "template", "code"}, n.Data) {
		return false
	}
	return !slices.Contains(n.Attr, html.Attribute{Key: "translate", Val: "no"})
}
