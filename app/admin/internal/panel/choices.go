package panel

import (
	"context"
	"net/http"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/views"
)

// found is how many records a search for a relation shows.
const found = 20

// choices answers the search of a relation as JSON: [{"value": "7", "label": "Ada"}].
//
// Threat: reading a resource through the relation of another. Both the resource and each record are asked about.
func (s *Server) choices(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	text := c.QueryParam("q")
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxSearch {
		return request.Bad("")
	}
	options, _, err := s.search(c.Request().Context(), r, text, found)
	if err != nil {
		return err
	}
	type choice struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	list := []choice{}
	for _, option := range options {
		list = append(list, choice{option.Value, option.Label})
	}
	return c.JSON(http.StatusOK, list)
}

// search returns readable records as options, and whether these are all that match.
func (s *Server) search(ctx context.Context, r *meta.Resource, text string, limit int) ([]views.Option, bool, error) {
	records, more, err := s.store.Choices(ctx, r, text, limit)
	if err != nil {
		return nil, false, err
	}
	var options []views.Option
	seen := map[string]bool{}
	for _, record := range records {
		key := r.KeyOf(ctx, record)
		if !seen[key] && s.registry.Allows(ctx, r, meta.Read, record) {
			options = append(options, views.Option{Value: key, Label: r.TitleOf(ctx, record)})
		}
		seen[key] = true
	}
	return options, !more, nil
}

// options returns what a relation may refer to, if these are few. It reports false when they are many, or when the
// actor may not read them.
func (s *Server) options(ctx context.Context, f *meta.Field, text string) ([]views.Option, bool, error) {
	if f.Related == nil || !s.registry.Allows(ctx, f.Related, meta.Read, nil) {
		return nil, false, nil
	}
	return s.search(ctx, f.Related, text, few)
}
