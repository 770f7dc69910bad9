// Package list shows the records of a resource: search, filters, order and pages.
package list

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/bulk"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
)

// records lists records.
type records interface {
	List(ctx context.Context, r *meta.Resource, q store.Query) (store.Page, error)
}

// renderer writes a page inside the layout of the admin.
type renderer interface {
	Render(c echo.Context, status int, page covet.Page) error
}

// Lists answers the requests for lists.
type Lists struct {
	Registry  *registry.Registry
	Store     records
	Relations *relation.Reader
	Pages     renderer
	Signer    query.Signer // of positions
	PerPage   int          // records on a page, unless the resource says otherwise
}

// Show answers the request for a list.
func (l *Lists) Show(c echo.Context) error {
	r, err := l.Registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	ctx, values := c.Request().Context(), c.QueryParams()
	q, err := query.Parse(ctx, r, values, l.PerPage, l.Signer)
	if err != nil {
		return err
	}
	q.Readable, _ = l.Registry.Readable(ctx, r)
	page, err := l.Store.List(ctx, r, q)
	if err != nil {
		return err
	}
	view, err := l.view(ctx, r, values, q, page)
	if err != nil {
		return err
	}
	return l.Pages.Render(c, http.StatusOK, covet.Page{
		Title: view.Title, Breadcrumbs: []covet.Breadcrumb{l.Registry.ListCrumb(ctx, r)}, Content: views.ListPage(view),
	})
}

func (l *Lists) view(
	ctx context.Context, r *meta.Resource, values url.Values, q store.Query, page store.Page,
) (views.List, error) {
	v := views.List{
		Title: r.PluralIn(ctx), Path: l.Registry.Path(r), Query: q.Search, Sort: values.Get("sort"),
		Lower:     r.RecordsIn(ctx, 0),
		CanSearch: len(r.Searchable) > 0, Placeholder: searchHint(ctx, r), CanDelete: r.DeletedAt != nil, Deleted: q.Deleted,
		Restricted: q.Search != "" || len(q.Filters) > 0 || q.Deleted,
		Count:      counted(ctx, page.Count), Headers: l.headers(ctx, r, values, page),
		Bulk: bulk.Buttons(ctx, l.Registry, r, q.Deleted),
	}
	var err error
	if v.Filters, err = l.filters(ctx, r, values, q); err != nil {
		return v, err
	}
	if v.Chips, err = l.chips(ctx, r, values, q); err != nil {
		return v, err
	}
	v.Finding = slices.ContainsFunc(v.Filters, func(f views.Filter) bool { return f.Find != "" })
	if l.Registry.Allows(ctx, r, meta.Create, nil) {
		v.NewURL, v.NewText = l.Registry.Path(r, "new"), words.T(ctx, "new", "record", r.RecordIn(ctx))
	}
	if l.Registry.Allows(ctx, r, meta.Export, nil) {
		v.ExportURL = query.Address(l.Registry.Path(r, "export.csv"), values, "after", "", "before", "")
	}
	v.Back = query.Address(l.Registry.Path(r), values)
	v.First = query.Address(l.Registry.Path(r), values, "after", "", "before", "")
	l.page(ctx, &v, r, values, page)
	titles, err := l.Relations.Titles(ctx, r.Columns, page.Records)
	if err != nil {
		return v, err
	}
	var shown []any
	for _, record := range page.Records {
		if l.Registry.Allows(ctx, r, meta.Read, record) {
			shown = append(shown, record)
			v.Rows = append(v.Rows, l.row(ctx, r, v.Headers, record, titles))
		}
	}
	if err := present(ctx, r, shown, v.Rows); err != nil {
		return v, err
	}
	if page.Count > len(page.Records) && page.Count <= bulk.MaxSelected {
		v.Matching = page.Count
		_, v.Selection, _ = strings.Cut(query.Address("", values, "after", "", "before", ""), "?")
	}
	return v, nil
}

// page fills in the links to the pages around, and what there is to say of this one.
func (l *Lists) page(ctx context.Context, v *views.List, r *meta.Resource, values url.Values, page store.Page) {
	link := func(name, other string, p *store.Position) string {
		changes := []string{name, l.Signer.Write(r, page.Sort.Field, p), other, ""}
		if page.SortDenied {
			changes = append(changes, "sort", query.SortText(page.Sort))
		}
		return query.Address(l.Registry.Path(r), values, changes...)
	}
	if page.Previous != nil {
		v.Previous = link("before", "after", page.Previous)
	}
	if page.Next != nil {
		v.Next = link("after", "before", page.Next)
	}
	if page.Searched > 0 {
		v.Onwards = v.Next
		if values.Get("before") != "" {
			v.Onwards = v.Previous
		}
		v.Notices = append(v.Notices, words.T(ctx, "list.stopped", "n", page.Searched))
	}
	if page.SortDenied {
		v.Notices = append(v.Notices, words.T(ctx, "list.not_sorted"))
	}
}

func (l *Lists) headers(ctx context.Context, r *meta.Resource, values url.Values, page store.Page) []views.Header {
	var headers []views.Header
	for _, f := range r.Columns {
		h := views.Header{Text: f.LabelIn(ctx), Numeric: f.Numeric()}
		if page.Sortable(f) {
			sort := f.Column
			if f == page.Sort.Field {
				h.Sort = "descending"
				if !page.Sort.Desc {
					h.Sort, sort = "ascending", "-"+sort
				}
			}
			h.URL = query.Address(l.Registry.Path(r), values, "sort", sort, "after", "", "before", "")
		}
		headers = append(headers, h)
	}
	return headers
}

// searchHint names the fields that a search looks through.
func searchHint(ctx context.Context, r *meta.Resource) string {
	names := make([]string, len(r.Searchable))
	for i, f := range r.Searchable {
		names[i] = words.Lower(ctx, f.LabelIn(ctx))
	}
	return words.T(ctx, "list.search_hint", "fields", names)
}

// counted writes a number of records, which is exact up to a bound.
func counted(ctx context.Context, n int) string {
	if n < 0 {
		return ""
	}
	return words.T(ctx, "list.count", "n", words.AtMost(ctx, n, store.Counted))
}

func (l *Lists) row(
	ctx context.Context, r *meta.Resource, headers []views.Header, record any, titles relation.Titles,
) views.Row {
	key := r.KeyOf(ctx, record)
	row := views.Row{Key: key, URL: l.Registry.RecordPath(r, key), Title: r.TitleOf(ctx, record)}
	for i, f := range r.Columns {
		cell := l.cell(ctx, r, key, f, f.Value(ctx, record), titles[f])
		cell.Label = headers[i].Text
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// present replaces the values of cells by what the resource shows instead.
func present(ctx context.Context, r *meta.Resource, records []any, rows []views.Row) error {
	for column, f := range r.Columns {
		if r.Present[f.Name] == nil || len(records) == 0 {
			continue
		}
		texts, err := r.Present[f.Name](ctx, records)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].Cells[column].Text = format.Cut(texts[i])
		}
	}
	return nil
}

// cell shows the value of a field of the record with a key. Titles are what the records are called that it may refer to.
func (l *Lists) cell(
	ctx context.Context, r *meta.Resource, key string, f *meta.Field, value any, titles map[string]string,
) views.Cell {
	cell := views.Cell{Text: format.Cut(f.Shown(ctx, value)), Numeric: f.Numeric()}
	text := f.Text(value)
	switch f.Kind {
	case meta.Belongs:
		if title, ok := titles[text]; ok {
			cell.Text, cell.URL = format.Cut(title), l.Registry.RecordPath(f.Related, text)
		}
	case meta.File:
		if text == "" {
			break
		}
		cell.Text, cell.URL = f.FileName(ctx, text), l.Registry.FilePath(r, key, f)
		if f.Pictured(text) {
			cell.Image = cell.URL
		}
	case meta.Enum:
		cell.Tone = views.Tone(text)
	case meta.Bool:
		if cell.Tone = "neutral"; value == true {
			cell.Tone = "good"
		}
	case meta.Time:
		if at, ok := value.(time.Time); ok {
			cell.Machine = format.Machine(at)
		}
	}
	return cell
}
