// Package meta knows what a resource of the admin is made of: it reads the schema of a model, checks the options of
// the application against it, and turns the values of fields into text and back.
package meta

import (
	"context"
	"fmt"
	"strings"
)

// The verbs that every resource knows. Together with the resource's permission they are actions: "posts.update".
const (
	Read    = "read"
	Create  = "create"
	Update  = "update"
	Delete  = "delete"
	Export  = "export"
	Restore = "restore" // needs the permission to update
	Destroy = "destroy" // deletes for good; needs the permission to delete
)

// Spec is what an application says of a resource, with the type of its model erased. The public package documents
// each option.
type Spec struct {
	Model                                  any // *T, never written to
	Name, Label, Plural, Permission, Group string
	// Standard resources are those of Covet: their names are texts of the admin.
	Standard                                       bool
	Title                                          string
	List, Search, Filters, ReadOnly, Hidden, Order []string
	Forbid                                         []string
	Fieldsets                                      []Fieldset
	Actions                                        []Action
	Labels, Hints, Guards                          map[string]string
	Lines                                          map[string]string // has-many edited as lines of text: relation → column
	PerPage                                        int
	Check                                          func(ctx context.Context, verb string, records []any) error
	// Guard is asked before a change; what it returns is asked after it.
	Guard func(ctx context.Context, verb string, records []any) (func(ctx context.Context) error, error)
	// Prepare puts a record into the form in which it is stored, before it is validated.
	Prepare func(record any)
	// Locked says why a field of some record is only shown, or nothing: field → reason.
	Locked map[string]func(ctx context.Context, record any) string
	// Senseless says why a verb or an action makes no sense for some record, or nothing: verb → reason.
	Senseless map[string]func(ctx context.Context, record any) string
	// Suggestions lists values that a field can have, for the form: field → values.
	Suggestions map[string]func(ctx context.Context) []Suggestion
	// Refers names tables that fields refer to without a relation: field → table.
	Refers   map[string]string
	Describe func(record any) string
	// Present writes a field of records, in their order, where it is not its value that is shown: field → texts.
	Present map[string]func(ctx context.Context, records []any) ([]string, error)
}

// Suggestion is a value that a field can have, what it means, and the group of values that it belongs to.
type Suggestion struct{ Value, Description, Group string }

// Fieldset is a group of fields on the form.
type Fieldset struct {
	Title, Description string
	Fields             []string
}

// Action is something that can be done to records besides the verbs.
type Action struct {
	Name, Label, Confirm string
	Danger               bool
	Run                  func(ctx context.Context, records []any) (string, error)
}

// Unavailable says why a verb or an action makes no sense for a record, or "".
func (r *Resource) Unavailable(ctx context.Context, verb string, record any) string {
	if why := r.Senseless[verb]; why != nil {
		return why(ctx, record)
	}
	return ""
}

// Faults collects what is wrong with the options of a resource.
type Faults struct {
	Resource string
	list     []string
}

// Note adds a fault.
func (f *Faults) Note(option, format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf("%s: %s: %s", f.Resource, option, fmt.Sprintf(format, args...)))
}

// List returns the faults as sentences.
func (f *Faults) List() []string { return f.list }

// unknown reports a name that is not among known, and suggests the one that is most similar.
func (f *Faults) unknown(option, name, what string, known []string) {
	hint := ""
	if near := nearest(name, known); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	f.Note(option, "%q is no %s%s", name, what, hint)
}

// nearest returns the known word that is like the given one, or "".
func nearest(word string, known []string) string {
	best, least := "", 1+max(2, len(word)/3)
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost = 1 + min(previous, row[j], row[j+1])
			}
			previous, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
