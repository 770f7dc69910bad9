// Package views holds the pages of the admin: templ components and what they show, as text that the templates escape.
package views

import (
	"embed"
	"io/fs"
	"slices"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/web"
)

//go:embed files
var files embed.FS

// Assets returns the stylesheet and the script, to be served below base.
func Assets(base string) *web.Assets {
	below, err := fs.Sub(files, "files")
	if err != nil {
		panic(err) // the name is valid
	}
	return web.MustAssets(below, base+"/assets/")
}

// Link leads somewhere.
type Link struct {
	Text, URL string
	Current   bool
}

// Group is a part of the navigation.
type Group struct {
	Title string
	Links []Link
}

// Frame is what every page has around it.
type Frame struct {
	Title, App, Base, Home, SignOut, User string
	Nav                                   []Group
	Crumbs                                []Link
	Assets                                *web.Assets
}

// Option is one choice.
type Option struct {
	Value, Label string
	Chosen       bool
}

// Choose marks the options with these values as chosen, and returns them.
func Choose(options []Option, values ...string) []Option {
	for i := range options {
		options[i].Chosen = slices.Contains(values, options[i].Value)
	}
	return options
}

// Pair is a hidden field.
type Pair struct{ Name, Value string }

// Filter is one filter of a list.
type Filter struct {
	Label, Name string
	Options     []Option
	// Time filters have two days besides.
	Time     bool
	From, To string
}

// Header is the head of a column. Sort is ascending, descending or "".
type Header struct {
	Text, URL, Sort string
	Numeric         bool
}

// Cell is one value.
type Cell struct {
	Label, Text, URL string
	Numeric          bool
}

// Row is one record.
type Row struct {
	Key, URL, Title string
	Cells           []Cell
}

// Button does something to records.
type Button struct {
	Name, Label string
	Danger      bool
}

// List is the page of a list.
type List struct {
	Title, Path, Query, Sort, Placeholder string
	CanSearch                             bool
	Filters                               []Filter
	Deleted, CanDelete                    bool // whether deleted records are shown, and whether there are any to show
	Restricted                            bool
	Count, NewURL, NewText, ExportURL     string
	Notices                               []string
	Headers                               []Header
	Rows                                  []Row
	Bulk                                  []Button
	Back, First, Previous, Next, Onwards  string
}

// Control is one field of a form.
type Control struct {
	ID, Name, Label, Hint, Error, Type, Value string
	Options                                   []Option
	Required                                  bool
	Min, Max, Step                            string
	MaxLength                                 int
	Link                                      string // where the value of a relation leads
	// Lookup controls search in another resource.
	Query, ChoicesURL string
	// Suggestions of a control with lines are listed below it.
	Suggestions []Suggestion
}

// Suggestion is a value that a field can have, and what it means.
type Suggestion struct{ Value, Description string }

// Section is a group of controls.
type Section struct {
	Title, Description string
	Controls           []Control
}

// Difference is a field that somebody else changed meanwhile.
type Difference struct {
	Label, Theirs, Mine string
	Both                bool
}

// Related is a list of records that refer to this one.
type Related struct {
	Title, All, AllURL string
	Links              []Link
}

// Change is one field of an event.
type Change struct{ Field, Before, After string }

// Event is an entry of the audit log.
type Event struct {
	When, Machine, Who, What, Subject, URL, Address string
	Changes                                         []Change
	Detail                                          string
}

// Form is the page of one record.
type Form struct {
	Title, Eyebrow, Action, Version, Save string
	Sections                              []Section
	Messages                              []string
	Conflict                              bool
	Differences                           []Difference
	Deleted                               string
	BulkURL, Key, Back                    string
	Buttons                               []Button
	Related                               []Related
	History                               []Event
	HistoryURL                            string
}

// Faulty returns the controls with an error.
func (f Form) Faulty() []Control {
	var list []Control
	for _, section := range f.Sections {
		for _, c := range section.Controls {
			if c.Error != "" {
				list = append(list, c)
			}
		}
	}
	return list
}

// Confirm is the page that asks before something is done.
type Confirm struct {
	Title, Text, Error, Action, Back, Verb, Button string
	Danger                                         bool
	Records                                        []Row
	Consequences                                   []string
}

// Card is a number on the dashboard.
type Card struct{ Label, Count, URL, NewURL, NewText string }

// Widget is a part of the dashboard. One without Content is unavailable.
type Widget struct {
	ID, Title string
	Content   templ.Component
}

// Dashboard is the first page. Alerts are shown above the cards.
type Dashboard struct {
	Title           string
	Cards           []Card
	Alerts, Widgets []Widget
}

// History is the page of everything that was done to a record.
type History struct {
	Title  string
	Events []Event
}
