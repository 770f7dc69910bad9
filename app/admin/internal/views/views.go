// Package views holds the pages of the admin: templ components and what they show, as text that the templates escape.
package views

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/style"
)

//go:embed files
var files embed.FS

// Assets returns the stylesheet and the script, to be served below base.
func Assets(base string) *web.Assets {
	below, err := fs.Sub(files, "files")
	if err != nil {
		panic(err) // the name is valid
	}
	return web.MustAssets(style.With(below, "admin.css"), base+"/assets/")
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
	// Open groups show their links.
	Open bool
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
	// ChoicesURL is where more options are searched, by the parameter FindName.
	ChoicesURL, FindName, Find string
}

// Chip is a restriction of a list that is in force, with the address of the list without it.
type Chip struct{ Label, Value, URL string }

// Header is the head of a column. Sort is ascending, descending or "".
type Header struct {
	Text, URL, Sort string
	Numeric         bool
}

// Cell is one value.
type Cell struct {
	Label, Text, URL string
	Numeric          bool
	// Machine is the attribute datetime of a time, Tone the colour of a state, and Image the address of a picture.
	Machine, Tone, Image string
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
	Lower                                 string // the plural inside a sentence
	CanSearch                             bool
	Filters                               []Filter
	Deleted, CanDelete                    bool // whether deleted records are shown, and whether there are any to show
	Restricted, Finding                   bool // Finding opens the filters, for a search in one of them
	Chips                                 []Chip
	Matching                              int    // the number of records that match, if all can be selected
	Selection                             string // the address parameters that select them
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
	Link                                      string // where the value of a relation, or the file, is
	// Lookup controls search in another resource.
	Query, ChoicesURL string
	// NewURL leads to the form of a new record, when there is none to choose from.
	NewURL, NewText string
	// Accept are the types of a file, which is a picture with Image. Removable files need not be there.
	Accept           string
	Image, Removable bool
	// Groups are the options of permissions.
	Groups []OptionGroup
	// Machine is the attribute datetime of a time that is shown, and Tone the colour of a state.
	Machine, Tone string
	// Autofocus puts the focus here when the page is loaded.
	Autofocus bool
}

// Wide reports whether the control takes the whole width of the form.
func (c Control) Wide() bool {
	switch c.Type {
	case "textarea", "lines", "checks", "granted":
		return true
	}
	return c.Type == "shown" && len(c.Value) > 80
}

// OptionGroup is a titled list of options.
type OptionGroup struct {
	Title   string
	Options []Option
}

// Section is a group of controls.
type Section struct {
	Title, Description string
	Controls           []Control
}

// Difference is a field that another user changed meanwhile.
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
type Change struct {
	Field, Before, After string
	// Text says what happened where before and after do not.
	Text string
}

// Event is an entry of the audit log.
type Event struct {
	// Text is what happened, as a sentence in which the characters Who and Subject stand for these fields, and Action the
	// same in a word or two.
	Text, Action                              string
	When, Machine, Who, Subject, URL, Address string
	Changes                                   []Change
	Details                                   []Detail
}

// Who and Subject stand for the user and the record in the text of an event, which pages show in bold and as a link.
const (
	Who     = "\uE000"
	Subject = "\uE001"
)

// sentence splits the text of an event at [Who] and [Subject].
func sentence(text string) []string {
	var parts []string
	for text != "" {
		i := strings.IndexAny(text, Who+Subject)
		switch {
		case i < 0:
			return append(parts, text)
		case i > 0:
			parts = append(parts, text[:i])
		}
		parts = append(parts, text[i:i+len(Who)])
		text = text[i+len(Who):]
	}
	return parts
}

// Detail is a fact about an event.
type Detail struct{ Name, Value string }

// Form is the page of one record.
type Form struct {
	Title, Eyebrow, Action, Version, Save string
	Multipart                             bool // whether files can be uploaded
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

// Requires reports whether the form has a control that has to be filled in.
func (f Form) Requires() bool {
	return slices.ContainsFunc(f.Sections, func(s Section) bool {
		return slices.ContainsFunc(s.Controls, func(c Control) bool { return c.Required && c.Type != "shown" })
	})
}

// Focus has the first control with an error take the focus.
func (f *Form) Focus() {
	for _, section := range f.Sections {
		for i := range section.Controls {
			if section.Controls[i].Error != "" {
				section.Controls[i].Autofocus = true
				return
			}
		}
	}
}

// Confirm is the page that asks before something is done.
type Confirm struct {
	Title, Text, Error, Action, Back, Verb, Button string
	Danger                                         bool
	Records                                        []Row
	// Others is how many records there are besides the listed ones, if all that match were selected, by Selection.
	All                      bool
	Others, Selection, Count string
	LeftOut                  []string // why some records stay as they are
	// Blocking are the records that prevent the deletion, and Following what happens to others.
	Blocking, Following []Dependent
}

// Offered reports whether it can be done.
func (c Confirm) Offered() bool { return c.Button != "" && len(c.Blocking) == 0 }

// Dependent is a sentence about records that refer to those to be deleted, with some of them.
type Dependent struct {
	Text, All, AllURL string
	Records           []Link
}

// Card is a number on the dashboard. Trend is how many are new.
type Card struct{ Label, Count, Trend, URL, NewURL, NewText string }

// CardGroup is a group of cards, as the navigation has it.
type CardGroup struct {
	Title string
	Cards []Card
}

// Widget is a part of the dashboard. One without Content is unavailable.
type Widget struct {
	ID, Title string
	Content   templ.Component
}

// Dashboard is the first page. Alerts are shown above the cards.
type Dashboard struct {
	Title           string
	Groups          []CardGroup
	Alerts, Widgets []Widget
}

// History is the page of everything that was done to a record.
type History struct {
	Title  string
	Events []Event
}
