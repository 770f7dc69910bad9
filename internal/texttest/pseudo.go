package texttest

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/covetgo/covet/app/text"
)

// Pseudo returns the own texts of an application that has two languages: English, and [text.PseudoLong], in which every
// letter of the texts of the sets has an accent. A letter without an accent on a page in this language is a literal in the
// code, which [Literals] finds.
//
//	covet.New(cfg, covet.Options{Texts: texttest.Pseudo(t, text.Formats(), web.Texts(), notes.Texts())})
func Pseudo(t testing.TB, sets ...*text.Set) *text.Set {
	t.Helper()
	catalogue, err := text.NewCatalogue(text.Config{}, nil, sets...)
	if err != nil {
		t.Fatal(err)
	}
	content, err := catalogue.Pseudo(text.PseudoLong)
	if err != nil {
		t.Fatal(err)
	}
	return Own(t, map[string]string{"en.yaml": "", text.PseudoLong + ".yaml": string(content)})
}

// letters are those without an accent.
const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// read are the attributes that users read or hear.
var read = []string{"title", "alt", "placeholder", "aria-label", "data-label", "data-show", "data-hide"}

// Literals returns the texts of a page or mail in [text.PseudoLong] that have a letter without an accent: those that do not
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
