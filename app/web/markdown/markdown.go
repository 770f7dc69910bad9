// Package markdown shows Markdown on pages: CommonMark with tables, strikethrough and links that are written as they are.
// Text of users is safe: HTML in it is left out, what remains is sanitized, and links carry rel="nofollow".
//
//	@markdown.View(post.Body)
//
// An application links it only when it imports it, as generated pages of fields of type markdown do.
package markdown

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/covetgo/covet/app/web/ui"
)

var (
	converter = goldmark.New(
		goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(headings{}, 0))),
	)
	// Threat: scripts in text of users. The converter leaves out HTML and dangerous links; the policy does not rely on it.
	policy = bluemonday.UGCPolicy()
)

// HTML converts Markdown to sanitized HTML. Headings begin at the second level: the first is that of the page.
func HTML(source string) (string, error) {
	var b bytes.Buffer
	if err := converter.Convert([]byte(source), &b); err != nil {
		return "", fmt.Errorf("converting Markdown: %w", err)
	}
	return policy.SanitizeReader(&b).String(), nil
}

// View shows a text as Markdown, in an element with the class prose. A nil pointer and an empty text are [ui.Nothing].
func View(value any) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		html, err := HTML(ui.Text(value))
		if err == nil {
			_, err = io.WriteString(w, `<div class="prose">`+html+`</div>`)
		}
		return err
	})
}

// headings lowers headings by one level.
type headings struct{}

// Transform implements parser.ASTTransformer.
func (headings) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	for node := document.FirstChild(); node != nil; node = node.NextSibling() {
		lower(node)
	}
}

func lower(node ast.Node) {
	if heading, ok := node.(*ast.Heading); ok {
		heading.Level = min(heading.Level+1, 6)
	}
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		lower(child)
	}
}
