package errorpage

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/web/style"
)

//go:embed page.css
var css string

// stylesheet is that of every page: its own rules behind the tokens.
func stylesheet() string { return style.Tokens + css }

// style is the stylesheet: templ takes what is inside a style element for its text.
func (d Document) style() templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := fmt.Fprintf(w, "<style nonce=%q>\n%s</style>", templ.EscapeString(d.nonce(ctx)), stylesheet())
		return err
	})
}

func (d Document) nonce(ctx context.Context) string {
	if d.Nonce != "" {
		return d.Nonce
	}
	return templ.GetNonce(ctx)
}

// position returns "app/routes.go:12:5".
func (e Excerpt) position() string {
	switch {
	case e.Line > 0 && e.Column > 0:
		return fmt.Sprintf("%s:%d:%d", e.Name, e.Line, e.Column)
	case e.Line > 0:
		return fmt.Sprintf("%s:%d", e.Name, e.Line)
	}
	return e.Name
}

func (l Line) numbered() string { return fmt.Sprintf("%5d  %s", l.Number, l.Text) }

func (l Line) caret() string { return strings.Repeat(" ", 7+l.Caret) + "^" }
