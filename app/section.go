package app

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/text"
)

// SectionProvider is a module with sections of its own in the admin.
type SectionProvider interface {
	// AdminSections returns the sections. It is called once, by Use, after Routes.
	AdminSections() []Section
}

// Section is a part of the admin that is not a list of records of one model, such
// as background jobs. It is served by the admin of the application and is ignored
// in an application without one.
type Section struct {
	// Name identifies the section: "jobs". It is its path below the admin and the
	// prefix of its permissions: lower-case letters, digits and hyphens. Required.
	Name string
	// Texts translates the section: if it is set, the titles and descriptions below
	// are keys of it. Defaults to none.
	Texts *text.Set
	// Access lists permissions; each of them alone opens the section. Defaults to
	// Name followed by ".read".
	Access []string
	// Permissions describes what a role can be granted. The names in Access that it
	// leaves out are offered without a description. Defaults to none.
	Permissions []Permission
	// Nav lists the entries in the navigation. Defaults to none.
	Nav []NavEntry
	// Routes registers the pages on the group of the section, "/admin/jobs". Every
	// request that reaches them comes from a user with one of the permissions in
	// Access; what a page needs beyond that it checks with admin.Can. Defaults to
	// no pages.
	Routes func(g *echo.Group, admin Admin) error
	// Widgets are shown on the dashboard. Defaults to none.
	Widgets []Widget
}

// Permission is an action that a role can be granted, such as "jobs.retry".
type Permission struct {
	// Name is the action as in identity.Can. Required.
	Name string
	// Description says what it allows, as a sentence for administrators.
	Description string
}

// NavEntry is a link in the navigation of the admin. It is shown to users who have
// access to its section.
type NavEntry struct {
	// Title is the text of the link. Required.
	Title string
	// Path is the page below the section: "list". Defaults to the first page.
	Path string
	// Group is the heading above the link. Defaults to "System".
	Group string
	// Access lists permissions; each of them alone shows the entry. Defaults to
	// those of the section.
	Access []string
}

// Widget is a part of the dashboard of the admin.
type Widget struct {
	// Title is the heading, and names the widget in the log. Defaults to none.
	Title string
	// Alert shows the widget above all others and without the frame of a card, for
	// what needs attention; its Title is read by screen readers only. Defaults to a
	// card below the numbers of records.
	Alert bool
	// Access lists permissions; each of them alone shows the widget. Defaults to
	// those of the section.
	Access []string
	// Render returns what the widget shows, or nil to leave it out. It has five
	// seconds. After an error or a panic, also of the component, the dashboard shows
	// that this widget is unavailable and logs why. Required.
	Render func(ctx context.Context, admin Admin) (templ.Component, error)
}

// Admin is what the admin offers to the pages of a section.
type Admin interface {
	// Path returns the address of a page of the section: Path() is "/admin/jobs",
	// Path("list") is "/admin/jobs/list". Segments are escaped.
	Path(segments ...string) string
	// Can reports whether the user of ctx may do action, such as "jobs.retry", to
	// subject: a record, or nil.
	Can(ctx context.Context, action string, subject any) bool
	// Render writes a page inside the layout of the admin.
	Render(c echo.Context, status int, page Page) error
}

// Page is a page of a section.
type Page struct {
	// Title is the title of the document. Required.
	Title string
	// Breadcrumbs lead from the admin, which is added in front, to the page. Defaults
	// to none.
	Breadcrumbs []Breadcrumb
	// Content is the page without the layout. Required.
	Content templ.Component
}

// Breadcrumb is one step on the way to a page. The page itself needs no URL.
type Breadcrumb struct{ Title, URL string }

var sectionName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (s Section) validate() error {
	if !sectionName.MatchString(s.Name) {
		return fmt.Errorf("admin section %q: the name must be lower-case letters, digits and hyphens", s.Name)
	}
	var faults []error
	for i, entry := range s.Nav {
		if entry.Title == "" {
			faults = append(faults, fmt.Errorf("admin section %q: Nav[%d] needs a Title", s.Name, i))
		}
	}
	for i, widget := range s.Widgets {
		if widget.Render == nil {
			faults = append(faults, fmt.Errorf("admin section %q: Widgets[%d] needs Render", s.Name, i))
		}
	}
	for i, permission := range s.Permissions {
		if permission.Name == "" {
			faults = append(faults, fmt.Errorf("admin section %q: Permissions[%d] needs a Name", s.Name, i))
		}
	}
	return errors.Join(faults...)
}

// withDefaults fills in what a section inherits.
func (s Section) withDefaults() Section {
	if len(s.Access) == 0 {
		s.Access = []string{s.Name + ".read"}
	}
	nav := append([]NavEntry(nil), s.Nav...)
	for i := range nav {
		if len(nav[i].Access) == 0 {
			nav[i].Access = s.Access
		}
		if nav[i].Group == "" {
			nav[i].Group = "System"
		}
	}
	widgets := append([]Widget(nil), s.Widgets...)
	for i := range widgets {
		if len(widgets[i].Access) == 0 {
			widgets[i].Access = s.Access
		}
	}
	s.Nav, s.Widgets = nav, widgets
	return s
}

// addSection makes a section known to those who show sections.
func (a *App) addSection(s Section) error {
	if err := s.validate(); err != nil {
		return err
	}
	for _, other := range a.sections {
		if other.Name == s.Name {
			return fmt.Errorf("admin section %q: another section has this name", s.Name)
		}
	}
	s = s.withDefaults()
	a.sections = append(a.sections, s)
	for _, show := range a.showSection {
		if err := show(s); err != nil {
			return err
		}
	}
	return nil
}

// EachSection calls show for each section of the modules in use, and again for
// each section that a module adds later, so that the order of modules does not
// matter. The admin calls it; it is not safe for concurrent use and must not be
// called after Start.
func (a *App) EachSection(show func(Section) error) error {
	for _, s := range a.sections {
		if err := show(s); err != nil {
			return err
		}
	}
	a.showSection = append(a.showSection, show)
	return nil
}
