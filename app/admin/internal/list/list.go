// Package list shows the records of a resource: search, filters, order and pages.
package list

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/bulk"
	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
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
	q, err := query.Parse(r, values, l.PerPage, l.Signer)
	if err != nil {
		return err
	}
	page, err := l.Store.List(ctx, r, q)
	if err != nil {
		return err
	}
	view, err := l.view(ctx, r, values, q, page)
	if err != nil {
		return err
	}
	return l.Pages.Render(c, http.StatusOK, covet.Page{
		Title: view.Title, Breadcrumbs: []covet.Breadcrumb{l.Registry.ListCrumb(r)}, Content: views.ListPage(view),
	})
}

func (l *Lists) view(
	ctx context.Context, r *meta.Resource, values url.Values, q store.Query, page store.Page,
) (views.List, error) {
	v := views.List{
		Title: r.Plural, Path: l.Registry.Path(r), Query: q.Search, Sort: values.Get("sort"),
		CanSearch: len(r.Searchable) > 0, Placeholder: searchHint(r), CanDelete: r.DeletedAt != nil, Deleted: q.Deleted,
		Restricted: q.Search != "" || len(q.Filters) > 0 || q.Deleted,
		Count:      counted(page.Count), Headers: l.headers(r, values, page),
		Bulk: bulk.Buttons(ctx, l.Registry, r, q.Deleted),
	}
	var err error
	if v.Filters, err = l.filters(ctx, r, values, q); err != nil {
		return v, err
	}
	if l.Registry.Allows(ctx, r, meta.Create, nil) {
		v.NewURL, v.NewText = l.Registry.Path(r, "new"), "New "+format.Lower(r.Label)
	}
	if l.Registry.Allows(ctx, r, meta.Export, nil) {
		v.ExportURL = query.Address(l.Registry.Path(r, "export.csv"), values, "after", "", "before", "")
	}
	v.Back = query.Address(l.Registry.Path(r), values)
	v.First = query.Address(l.Registry.Path(r), values, "after", "", "before", "")
	l.page(&v, r, values, page)
	titles, err := l.Relations.Titles(ctx, r.Columns, page.Records)
	if err != nil {
		return v, err
	}
	for _, record := range page.Records {
		if l.Registry.Allows(ctx, r, meta.Read, record) {
			v.Rows = append(v.Rows, l.row(ctx, r, record, titles))
		}
	}
	return v, nil
}

// page fills in the links to the pages around, and what there is to say of this one.
func (l *Lists) page(v *views.List, r *meta.Resource, values url.Values, page store.Page) {
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
		notice := "The search stopped after " + format.Number(page.Searched) + " rows, because no index helps it. "
		v.Notices = append(v.Notices, notice+"Search on for more.")
	}
	if page.SortDenied {
		v.Notices = append(v.Notices, "This table is too large to be ordered by a column without an index.")
	}
}

func (l *Lists) headers(r *meta.Resource, values url.Values, page store.Page) []views.Header {
	var headers []views.Header
	for _, f := range r.Columns {
		h := views.Header{Text: f.Heading(), Numeric: f.Numeric()}
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
func searchHint(r *meta.Resource) string {
	names := make([]string, len(r.Searchable))
	for i, f := range r.Searchable {
		names[i] = format.Lower(f.Label)
	}
	return "In " + strings.Join(names, ", ") + "."
}

// counted writes a number of records, which is exact up to a bound.
func counted(n int) string {
	switch {
	case n < 0:
		return ""
	case n > store.Counted:
		return format.Number(store.Counted) + "+ records"
	case n == 1:
		return "1 record"
	}
	return format.Number(n) + " records"
}

func (l *Lists) row(ctx context.Context, r *meta.Resource, record any, titles relation.Titles) views.Row {
	key := r.KeyOf(ctx, record)
	row := views.Row{Key: key, URL: l.Registry.RecordPath(r, key), Title: r.TitleOf(ctx, record)}
	for _, f := range r.Columns {
		value := f.Value(ctx, record)
		cell := views.Cell{Label: f.Heading(), Text: format.Cut(f.Shown(value)), Numeric: f.Numeric()}
		if f.Kind == meta.Belongs && value != nil {
			if title, ok := titles[f][f.Text(value)]; ok {
				cell.Text, cell.URL = format.Cut(title), l.Registry.RecordPath(f.Related, f.Text(value))
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// filters returns the controls of the filters.
func (l *Lists) filters(
	ctx context.Context, r *meta.Resource, values url.Values, q store.Query,
) ([]views.Filter, error) {
	var list []views.Filter
	for _, f := range r.Filterable {
		name := "filter." + f.Column
		filter, err := l.filter(ctx, f, values.Get(name))
		if err != nil {
			return nil, err
		}
		filter.Label, filter.Name = f.Heading(), name
		if filter.Time {
			filter.From, filter.To = values.Get(name+".from"), values.Get(name+".to")
		}
		list = append(list, filter)
	}
	for _, given := range q.Filters { // by a link from another page
		if !slices.Contains(r.Filterable, given.Field) {
			name := "filter." + given.Field.Column
			filter, err := l.filter(ctx, given.Field, values.Get(name))
			if err != nil {
				return nil, err
			}
			filter.Label, filter.Name = given.Field.Label, name
			list = append(list, filter)
		}
	}
	return list, nil
}

func (l *Lists) filter(ctx context.Context, f *meta.Field, chosen string) (views.Filter, error) {
	filter := views.Filter{Time: f.Dated(), From: chosen}
	options := []views.Option{{Label: "Any"}}
	switch f.Kind {
	case meta.Bool:
		options = append(options, views.Option{Value: "true", Label: "Yes"}, views.Option{Value: "false", Label: "No"})
	case meta.Enum:
		for _, choice := range f.Choices {
			options = append(options, views.Option{Value: choice, Label: choice})
		}
	case meta.Belongs:
		choices, complete, err := l.Relations.Options(ctx, f)
		if err != nil {
			return filter, err
		}
		if !complete {
			return filter, nil // a field for the key
		}
		options = append(options, choices...)
	}
	if f.Optional {
		options = append(options, views.Option{Value: "set", Label: "Not empty"}, views.Option{Value: "null", Label: "Empty"})
	}
	if len(options) > 1 {
		filter.Options = views.Choose(options, chosen)
	}
	return filter, nil
}
