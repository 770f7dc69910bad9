package site

import (
	"context"
	"net/http"
	"slices"
	"strings"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
)

// frame returns what surrounds the page of a request.
func (s *Site) frame(r *http.Request, title string) views.Frame {
	return views.Frame{
		Title: title, App: s.cfg.Title, Base: s.registry.Base(), Home: s.cfg.Home, SignOut: s.cfg.SignOut, Assets: s.assets,
		User: userName(r.Context()), Nav: s.navigation(r.Context(), r.URL.Path),
	}
}

// navigation returns the links that the user of ctx may follow. The one to the current page, or to the closest page
// above it, is marked.
func (s *Site) navigation(ctx context.Context, current string) []views.Group {
	base := s.registry.Base()
	groups := []views.Group{{Links: []views.Link{{Text: words.T(ctx, "dashboard"), URL: base}}}}
	add := func(title string, link views.Link) {
		i := slices.IndexFunc(groups, func(g views.Group) bool { return g.Title == title })
		if i < 0 {
			i = len(groups)
			groups = append(groups, views.Group{Title: title})
		}
		groups[i].Links = append(groups[i].Links, link)
	}
	for _, r := range s.registry.Resources() {
		if s.registry.Allows(ctx, r, meta.Read, nil) {
			add(r.GroupIn(ctx), views.Link{Text: r.PluralIn(ctx), URL: s.registry.Path(r)})
		}
	}
	for _, section := range s.sections {
		for _, entry := range section.Nav {
			if s.canAny(ctx, section.Access) && s.canAny(ctx, entry.Access) {
				add(words.Group(ctx, entry.Group), views.Link{Text: translated(ctx, section, entry.Title), URL: entryURL(base, section.Name, entry.Path)})
			}
		}
	}
	markCurrent(groups, base, current)
	openGroups(groups)
	return groups
}

// maxLinks is how many links the navigation shows before groups close.
const maxLinks = 20

// openGroups opens all groups of a short navigation. Of a long one, only that of the current page is open; on the
// dashboard it is the first.
func openGroups(groups []views.Group) {
	links, open := 0, 1
	for i, group := range groups {
		links += len(group.Links)
		if i > 0 && slices.ContainsFunc(group.Links, func(l views.Link) bool { return l.Current }) {
			open = i
		}
	}
	for i := range groups {
		groups[i].Open = links <= maxLinks || i == open
	}
}

// translated returns a title of a section in the language of ctx.
func translated(ctx context.Context, section covet.Section, title string) string {
	if section.Texts == nil || title == "" {
		return title
	}
	return section.Texts.T(ctx, title)
}

func entryURL(base, section, path string) string {
	url := base + "/" + section
	if path = strings.Trim(path, "/"); path != "" {
		url += "/" + path
	}
	return url
}

// markCurrent marks the link with the longest path that leads to the current page or above it. The dashboard is above
// every page and counts for itself only.
func markCurrent(groups []views.Group, base, current string) {
	var best *views.Link
	current = strings.TrimSuffix(current, "/")
	for i := range groups {
		for j := range groups[i].Links {
			link := &groups[i].Links[j]
			path, _, _ := strings.Cut(link.URL, "?")
			if current != path && (path == base || !strings.HasPrefix(current, path+"/")) {
				continue
			}
			if best == nil || len(link.URL) > len(best.URL) {
				best = link
			}
		}
	}
	if best != nil {
		best.Current = true
	}
}
