package panel

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
)

// exportPause bounds how long a client may take for one part of an export.
const exportPause = time.Minute

// export writes the list as CSV (RFC 4180) while it is read. It holds some hundred records at a time, however many
// there are.
func (s *Server) export(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Export)
	if err != nil {
		return err
	}
	ctx, values := c.Request().Context(), c.QueryParams()
	values.Del("after")
	values.Del("before")
	q, err := s.query(r, values)
	if err != nil {
		return err
	}
	if !s.registry.Allows(ctx, r, meta.Read, nil) {
		return problem.Forbidden("")
	}
	event := audit.Event{Action: r.Action(meta.Export), Subject: r.Permission, Detail: map[string]any{"query": values.Encode()}}
	if err := s.Audit.Record(ctx, event); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, r.Name, time.Now().UTC().Format("20060102-150405")))
	c.Response().WriteHeader(http.StatusOK)
	w := &csvWriter{to: c.Response(), control: http.NewResponseController(c.Response())}
	if err := s.writeCSV(ctx, r, w, func(fn func([]any) error) error { return s.store.Each(ctx, r, q, fn) }); err != nil {
		s.Log.ErrorContext(ctx, "exporting", "resource", r.Name, "error", err.Error())
		panic(http.ErrAbortHandler) // cuts the connection: a file that ends early must not look whole
	}
	return nil
}

func (s *Server) writeCSV(ctx context.Context, r *meta.Resource, w *csvWriter, each func(func([]any) error) error) error {
	var fields []*meta.Field
	var header []string
	for _, f := range r.Fields {
		if f.Visible() && f.Stored() && f.Kind != meta.Bytes {
			fields = append(fields, f)
			header = append(header, f.Column)
		}
	}
	if err := w.row(header); err != nil {
		return err
	}
	return each(func(records []any) error {
		for _, record := range records {
			if !s.registry.Allows(ctx, r, meta.Read, record) {
				continue
			}
			cells := make([]string, len(fields))
			for i, f := range fields {
				cells[i] = cell(f, f.Value(ctx, record))
			}
			if err := w.row(cells); err != nil {
				return err
			}
		}
		return w.flush()
	})
}

// cell writes a value for a spreadsheet.
func cell(f *meta.Field, value any) string {
	switch v := value.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.RFC3339Nano)
	case int64, uint64, float64, bool:
		return f.Text(value)
	}
	if f.Kind == meta.Decimal {
		return f.Text(value) // -1.50 is a number and no formula
	}
	return defuse(f.Text(value))
}

// Space that spreadsheets skip before a formula, and the characters that one begins with.
const (
	blank   = " \u00a0\u3000\ufeff\u200b"
	formula = "=+-@＝＋－＠"
)

// defuse keeps spreadsheets from running text as a formula.
//
// Threat: CSV injection (OWASP). Somebody writes =HYPERLINK(…) into a form, and whoever opens the export runs it. A
// spreadsheet that takes semicolons, tabs or line breaks for the ends of cells finds one inside the text, too.
func defuse(text string) string {
	text = defuseInside(text)
	trimmed := strings.TrimLeft(text, blank)
	if trimmed != "" && strings.ContainsRune(formula+"\t\r\n|%", []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}

// defuseInside puts an apostrophe between what may end a cell and a formula after it.
func defuseInside(text string) string {
	if !strings.ContainsAny(text, formula) {
		return text
	}
	var b strings.Builder
	start, fresh := 0, false // where the text goes on that is not yet written; whether a cell may have begun there
	for i, r := range text {
		switch {
		case strings.ContainsRune(";\t\r\n", r):
			b.WriteString(text[start : i+1])
			start, fresh = i+1, true
		case fresh && strings.ContainsRune(formula, r):
			b.WriteByte('\'')
			fresh = false
		case !strings.ContainsRune(blank+"\"", r): // a quote may open the cell, and the formula follows it
			fresh = false
		}
	}
	b.WriteString(text[start:])
	return b.String()
}

type csvWriter struct {
	to      io.Writer
	control *http.ResponseController
	line    strings.Builder
}

func (w *csvWriter) row(cells []string) error {
	w.line.Reset()
	for i, text := range cells {
		if i > 0 {
			w.line.WriteByte(',')
		}
		w.line.WriteByte('"')
		w.line.WriteString(strings.ReplaceAll(text, `"`, `""`))
		w.line.WriteByte('"')
	}
	w.line.WriteString("\r\n")
	_, err := io.WriteString(w.to, w.line.String())
	return err
}

// flush sends what there is, and gives the client time for the next part. What does not stream, such as a test's
// recorder, need not.
func (w *csvWriter) flush() error {
	_ = w.control.SetWriteDeadline(time.Now().Add(exportPause))
	_ = w.control.Flush()
	return nil
}
