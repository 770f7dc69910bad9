package panel

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
)

func (s *Server) list(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	ctx, values := c.Request().Context(), c.QueryParams()
	q, err := s.query(r, values)
	if err != nil {
		return err
	}
	page, err := s.store.List(ctx, r, q)
	if err != nil {
		return err
	}
	view, err := s.listView(ctx, r, values, q, page)
	if err != nil {
		return err
	}
	return s.site.Render(c, http.StatusOK, covet.Page{
		Title: view.Title, Breadcrumbs: []covet.Breadcrumb{toList(s.registry, r)}, Content: views.ListPage(view),
	})
}

func (s *Server) listView(ctx context.Context, r *meta.Resource, values url.Values, q store.Query, page store.Page) (views.List, error) {
	l := views.List{
		Title: r.Plural, Path: s.registry.Path(r), Query: q.Search, Sort: values.Get("sort"), CanSearch: len(r.Searchable) > 0,
		Placeholder: "In " + labels(r.Searchable) + ".", CanDelete: r.DeletedAt != nil, Deleted: q.Deleted,
		Restricted: q.Search != "" || len(q.Filters) > 0 || q.Deleted,
		Count:      counted(page.Count), Headers: s.headers(r, values, page), Bulk: s.bulkButtons(ctx, r, q.Deleted),
	}
	var err error
	if l.Filters, err = s.filters(ctx, r, values, q); err != nil {
		return l, err
	}
	if s.registry.Allows(ctx, r, meta.Create, nil) {
		l.NewURL, l.NewText = s.registry.Path(r, "new"), "New "+format.Lower(r.Label)
	}
	if s.registry.Allows(ctx, r, meta.Export, nil) {
		l.ExportURL = with(s.registry.Path(r, "export.csv"), values, "after", "", "before", "")
	}
	l.Back = with(s.registry.Path(r), values)
	l.First = with(s.registry.Path(r), values, "after", "", "before", "")
	s.page(&l, r, values, page)
	titles, err := s.related(ctx, r.Columns, page.Records)
	if err != nil {
		return l, err
	}
	for _, record := range page.Records {
		if s.registry.Allows(ctx, r, meta.Read, record) {
			l.Rows = append(l.Rows, s.row(ctx, r, record, titles))
		}
	}
	return l, nil
}

// page fills in the links to the pages around, and what there is to say of this one.
func (s *Server) page(l *views.List, r *meta.Resource, values url.Values, page store.Page) {
	link := func(name, other string, p *store.Position) string {
		address := with(s.registry.Path(r), values, name, s.write(r, page.Sort.Field, p), other, "")
		if page.SortDenied {
			address = with(s.registry.Path(r), values, name, s.write(r, page.Sort.Field, p), other, "", "sort", sortText(page.Sort))
		}
		return address
	}
	if page.Previous != nil {
		l.Previous = link("before", "after", page.Previous)
	}
	if page.Next != nil {
		l.Next = link("after", "before", page.Next)
	}
	if page.Searched > 0 {
		l.Onwards = l.Next
		if values.Get("before") != "" {
			l.Onwards = l.Previous
		}
		l.Notices = append(l.Notices, fmt.Sprintf("The search stopped after %s rows, because no index helps it. Search on for more.", format.Number(page.Searched)))
	}
	if page.SortDenied {
		l.Notices = append(l.Notices, "This table is too large to be ordered by a column without an index.")
	}
}

// sortText writes an order as an address has it.
func sortText(sort meta.Sort) string {
	if sort.Desc {
		return "-" + sort.Field.Column
	}
	return sort.Field.Column
}

// with returns an address with parameters changed; an empty value removes one.
func with(path string, values url.Values, changes ...string) string {
	changed := url.Values{}
	for name, list := range values {
		if known(name) && len(list) > 0 && list[0] != "" {
			changed[name] = list[:1]
		}
	}
	for i := 0; i < len(changes); i += 2 {
		changed.Del(changes[i])
		if changes[i+1] != "" {
			changed.Set(changes[i], changes[i+1])
		}
	}
	if len(changed) == 0 {
		return path
	}
	return path + "?" + changed.Encode()
}

// known reports whether a list has a parameter of this name.
func known(name string) bool {
	switch name {
	case "q", "sort", "after", "before", "deleted":
		return true
	}
	return strings.HasPrefix(name, "filter.")
}

func (s *Server) headers(r *meta.Resource, values url.Values, page store.Page) []views.Header {
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
			h.URL = with(s.registry.Path(r), values, "sort", sort, "after", "", "before", "")
		}
		headers = append(headers, h)
	}
	return headers
}

func labels(fields []*meta.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = format.Lower(f.Label)
	}
	return strings.Join(names, ", ")
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

func (s *Server) row(ctx context.Context, r *meta.Resource, record any, titles titles) views.Row {
	key := r.KeyOf(ctx, record)
	row := views.Row{Key: key, URL: s.registry.RecordPath(r, key), Title: r.TitleOf(ctx, record)}
	for _, f := range r.Columns {
		value := f.Value(ctx, record)
		cell := views.Cell{Label: f.Heading(), Text: format.Cut(f.Shown(value)), Numeric: f.Numeric()}
		if f.Kind == meta.Belongs && value != nil {
			if title, ok := titles[f][f.Text(value)]; ok {
				cell.Text, cell.URL = format.Cut(title), s.registry.RecordPath(f.Related, f.Text(value))
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// titles are what the records are called that some fields refer to, by their key.
type titles map[*meta.Field]map[string]string

// related loads what the fields of records refer to, as far as the actor may read it.
func (s *Server) related(ctx context.Context, fields []*meta.Field, records []any) (titles, error) {
	all := titles{}
	for _, f := range fields {
		if f.Kind != meta.Belongs || f.Related == nil || !s.registry.Allows(ctx, f.Related, meta.Read, nil) {
			continue
		}
		var keys []any
		for _, record := range records {
			if value := f.Value(ctx, record); value != nil {
				keys = append(keys, value)
			}
		}
		found, err := s.store.Several(ctx, f.Related, keys, false, false)
		if err != nil {
			return nil, err
		}
		all[f] = map[string]string{}
		for _, other := range found {
			if s.registry.Allows(ctx, f.Related, meta.Read, other) {
				all[f][f.Related.KeyOf(ctx, other)] = f.Related.TitleOf(ctx, other)
			}
		}
	}
	return all, nil
}

// filters returns the controls of the filters.
func (s *Server) filters(ctx context.Context, r *meta.Resource, values url.Values, q store.Query) ([]views.Filter, error) {
	var list []views.Filter
	for _, f := range r.Filterable {
		name := "filter." + f.Column
		filter, err := s.filter(ctx, f, values.Get(name))
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
			filter, err := s.filter(ctx, given.Field, values.Get(name))
			if err != nil {
				return nil, err
			}
			filter.Label, filter.Name = given.Field.Label, name
			list = append(list, filter)
		}
	}
	return list, nil
}

// few is how many records a select holds; beyond it people search.
const few = 100

func (s *Server) filter(ctx context.Context, f *meta.Field, chosen string) (views.Filter, error) {
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
		choices, complete, err := s.options(ctx, f, "")
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
		filter.Options = choose(options, chosen)
	}
	return filter, nil
}

// choose marks the options with these values.
func choose(options []views.Option, values ...string) []views.Option {
	for i := range options {
		options[i].Chosen = slices.Contains(values, options[i].Value)
	}
	return options
}

func (s *Server) bulkButtons(ctx context.Context, r *meta.Resource, deleted bool) []views.Button {
	var buttons []views.Button
	if deleted {
		if s.registry.Allows(ctx, r, meta.Restore, nil) {
			buttons = append(buttons, views.Button{Name: meta.Restore, Label: "Restore"})
		}
		if s.registry.Allows(ctx, r, meta.Destroy, nil) {
			buttons = append(buttons, views.Button{Name: meta.Destroy, Label: "Delete for good", Danger: true})
		}
		return buttons
	}
	for _, a := range r.Actions {
		if s.registry.Can(ctx, r.Action(a.Name), nil) {
			buttons = append(buttons, views.Button{Name: a.Name, Label: a.Label, Danger: a.Danger})
		}
	}
	if s.registry.Allows(ctx, r, meta.Delete, nil) {
		buttons = append(buttons, views.Button{Name: meta.Delete, Label: "Delete", Danger: true})
	}
	return buttons
}
