package mail

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText returns an HTML document as text: separate paragraphs, list items with a dash, links followed by their
// address.
func plainText(document string) string {
	root, err := html.Parse(strings.NewReader(document))
	if err != nil {
		return ""
	}
	w := &textWriter{}
	w.node(root)
	return strings.TrimSpace(w.String()) + "\n"
}

type textWriter struct {
	strings.Builder
	newlines int // trailing line breaks
	space    bool
}

func (w *textWriter) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.text(n.Data)
		return
	case html.CommentNode, html.DoctypeNode:
		return
	default:
	}
	switch n.DataAtom {
	case atom.Head, atom.Style, atom.Script, atom.Title:
		return
	case atom.Br:
		w.breakLine(1)
	case atom.Li:
		w.breakLine(1)
		w.text("- ")
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre, atom.Hr:
		w.breakLine(2)
	case atom.Div, atom.Tr, atom.Section, atom.Header, atom.Footer:
		w.breakLine(1)
	default:
	}
	for child := range n.ChildNodes() {
		w.node(child)
	}
	w.close(n)
}

func (w *textWriter) close(n *html.Node) {
	switch n.DataAtom {
	case atom.A:
		if href := attribute(n, "href"); href != "" && !strings.HasSuffix(w.String(), href) {
			w.text(" (" + strings.TrimPrefix(href, "mailto:") + ")")
		}
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.Ul, atom.Ol, atom.Table, atom.Blockquote, atom.Pre:
		w.breakLine(2)
	case atom.Div, atom.Tr, atom.Li:
		w.breakLine(1)
	case atom.Td, atom.Th:
		w.space = true
	default:
	}
}

func (w *textWriter) text(s string) {
	if s != "" && strings.TrimSpace(s[:1]) == "" {
		w.space = true
	}
	for i, word := range strings.Fields(s) {
		if (i > 0 || w.space) && w.newlines == 0 && w.Len() > 0 {
			w.WriteByte(' ')
		}
		w.WriteString(word)
		w.space, w.newlines = false, 0
	}
	if s != "" && strings.TrimSpace(s[len(s)-1:]) == "" {
		w.space = true
	}
}

func (w *textWriter) breakLine(n int) {
	for ; w.newlines < n && w.Len() > 0; w.newlines++ {
		w.WriteByte('\n')
	}
	w.space = false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
