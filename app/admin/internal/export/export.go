// Package export writes lists of records as CSV.
package export

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
)

// exportPause bounds how long a client may take for one part of an export.
const exportPause = time.Minute

// records reads the records of a list in parts.
type records interface {
	Each(ctx context.Context, r *meta.Resource, q store.Query, fn func(records []any) error) error
}

// recorder writes the audit log.
type recorder interface {
	Record(ctx context.Context, event audit.Event) error
}

// Exports answers the requests for exports.
type Exports struct {
	Registry *registry.Registry
	Store    records
	Audit    recorder
	Log      *slog.Logger
}

// CSV answers the request for a list as CSV (RFC 4180), which it writes while the list is read: it holds some hundred
// records at a time, however many there are. After an error it cuts the connection: a file that ends early must not
// look complete.
func (e *Exports) CSV(c echo.Context) error {
	r, err := e.Registry.Requested(c, meta.Export)
	if err != nil {
		return err
	}
	ctx, values := c.Request().Context(), c.QueryParams()
	values.Del("after")
	values.Del("before")
	q, err := query.Parse(ctx, r, values, 0, query.Signer{})
	if err != nil {
		return err
	}
	if !e.Registry.Allows(ctx, r, meta.Read, nil) {
		return problem.Forbidden("")
	}
	q.Readable, _ = e.Registry.Readable(ctx, r)
	detail := map[string]any{"query": values.Encode()}
	event := audit.Event{Action: r.Action(meta.Export), Subject: r.Permission, Detail: detail}
	if err := e.Audit.Record(ctx, event); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	name := r.Name + "-" + time.Now().UTC().Format("20060102-150405") + ".csv"
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Response().WriteHeader(http.StatusOK)
	w := &csvWriter{to: c.Response(), control: http.NewResponseController(c.Response())}
	if err := e.write(ctx, r, q, w); err != nil {
		e.Log.ErrorContext(ctx, "export failed", "resource", r.Name, "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

// write writes the header, and each record that the user may read. Secret and hidden fields are left out.
func (e *Exports) write(ctx context.Context, r *meta.Resource, q store.Query, w *csvWriter) error {
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
	return e.Store.Each(ctx, r, q, func(records []any) error {
		for _, record := range records {
			if !e.Registry.Allows(ctx, r, meta.Read, record) {
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
	switch f.Kind {
	case meta.Decimal:
		return f.Text(value) // -1.50 is a number and no formula
	case meta.Enum:
		return defuse(format.Value(f.Text(value)))
	}
	return defuse(f.Text(value))
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
