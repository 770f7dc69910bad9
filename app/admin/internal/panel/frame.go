package panel

import (
	"context"
	"slices"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/identity"
)

// frame returns what stands around a page: only what the actor may see is in the navigation.
func (s *Server) frame(ctx context.Context, title string, current *meta.Resource, crumbs ...views.Link) views.Frame {
	f := views.Frame{
		Title: title, App: s.Title, Base: s.Base, Home: s.Home, SignOut: s.SignOut, Assets: s.assets,
		Nav: []views.Group{{Links: []views.Link{{Text: "Dashboard", URL: s.Base, Current: title == dashboardTitle}}}},
	}
	if actor, ok := identity.From(ctx); ok {
		if f.User = actor.Name; f.User == "" {
			f.User = actor.Email
		}
	}
	for _, r := range s.Resources {
		if s.can(ctx, r, meta.Read, nil) {
			addLink(&f.Nav, r.Group, views.Link{Text: r.Plural, URL: s.path(r), Current: r == current})
		}
	}
	if s.countsJobs(ctx) {
		addLink(&f.Nav, "System", views.Link{Text: "Jobs", URL: s.Base + "/jobs", Current: title == jobsTitle})
	}
	if len(crumbs) > 0 {
		f.Crumbs = append([]views.Link{{Text: "Admin", URL: s.Base}}, crumbs...)
	}
	return f
}

func addLink(groups *[]views.Group, title string, link views.Link) {
	if title == "" {
		title = "Content"
	}
	i := slices.IndexFunc(*groups, func(g views.Group) bool { return g.Title == title })
	if i < 0 {
		*groups = append(*groups, views.Group{Title: title})
		i = len(*groups) - 1
	}
	(*groups)[i].Links = append((*groups)[i].Links, link)
}

// toList is the breadcrumb of a resource's list.
func (s *Server) toList(r *meta.Resource) views.Link {
	return views.Link{Text: r.Plural, URL: s.path(r)}
}
