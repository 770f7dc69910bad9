package admin

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/internal/format"
)

// Resource is a model in the admin. T is the struct of the model, which has one primary key. Every option has a
// default, and names fields by their Go names.
type Resource[T any] struct {
	// Name is the resource in addresses, in lower case. Defaults to the name of the table.
	Name string
	// Label and Plural name one record and several. Default to the names of the model and of its table.
	Label, Plural string
	// Group is the heading of the resource in the navigation. Defaults to "Content".
	Group string
	// Permission is the first part of the resource's actions: "posts" of "posts.update". Defaults to the name of the
	// table.
	Permission string
	// Title is the field that names a record. Defaults to the result of a String method, or to the first of Name, Title,
	// Label, Subject, DisplayName, Email, Username, Slug and Code that the model has.
	Title string

	// List names the columns of the list. Defaults to six of the short fields, the time of creation last.
	List []string
	// Search names the text fields that a search looks through. Defaults to all of them.
	Search []string
	// Filters names the fields by which the list can be filtered: bools, enums, times, relations, and nullable fields.
	// Defaults to all of these.
	Filters []string
	// Order is the field by which the list is ordered, with a minus for descending: "-PublishedAt". Defaults to the newest
	// first.
	Order string
	// PerPage is the number of records on a page, at most 200. Defaults to Config.PerPage.
	PerPage int

	// ReadOnly names fields that the form shows but does not change. Keys that the database generates, times that GORM
	// maintains, and bytes are always read-only. Defaults to no others.
	ReadOnly []string
	// Hidden names fields that are not shown anywhere. Secret fields are always hidden. Defaults to no others.
	Hidden []string
	// Fieldsets groups the fields of the form, which then has no other fields. Defaults to one group of all fields.
	Fieldsets []Fieldset
	// Labels and Hints are the texts of a field, by its name. Default to the name of the field in words, and to its doc
	// tag.
	Labels, Hints map[string]string
	// Guards are the permissions that changing a field needs besides, by its name: {"Roles": "roles.assign"}. Defaults to
	// none.
	Guards map[string]string

	// Forbid lists verbs that nobody may do: create, update, delete, export. Defaults to none.
	Forbid []string
	// Actions are further actions on records. Defaults to none.
	Actions []Action[T]
	// Check is called after each change, inside its transaction, with the verb ("create", "update", "delete", "destroy",
	// "restore", or the name of an action). An error rolls the change back. The detail of a problem with status 400, 409
	// or 422, such as problem.Conflict("…"), is shown beside the form; records are as they were written. Defaults to no
	// check.
	Check func(ctx context.Context, verb string, records []*T) error

	standard  bool // a resource of Covet, whose names are texts of the admin
	guard     func(ctx context.Context, verb string, records []*T) (func(ctx context.Context) error, error)
	prepare   func(record *T)
	locked    map[string]func(ctx context.Context, record *T) string               // why a field of a record is only shown
	lines     map[string]string                                                    // relations edited as lines of text: relation → field
	refers    map[string]string                                                    // keys without a relation: field → table
	suggest   map[string]func(ctx context.Context) []meta.Suggestion               // values that a field can have
	senseless map[string]func(ctx context.Context, record *T) string               // why a verb makes no sense for a record
	present   map[string]func(ctx context.Context, records []*T) ([]string, error) // texts instead of values
}

// Fieldset is a group of fields on a form.
type Fieldset struct {
	// Title is the heading of the group, and Description a sentence below it. Both may be empty.
	Title, Description string
	// Fields are the names of the fields.
	Fields []string
}

// Action is a change of one or several records that a button starts.
type Action[T any] struct {
	// Name is the verb of the permission, as in posts.publish, and of the audit log: lower-case letters, digits, - and _.
	// Required.
	Name string
	// Label is the text of the button. Defaults to the name in words.
	Label string
	// Confirm is a question that the user confirms first. Defaults to none, unless the action is a danger.
	Confirm string
	// Danger marks an action that cannot be undone.
	Danger bool
	// Unavailable returns why the action makes no sense for a record, as a sentence such as "This post is published
	// already.", or "". It is then not offered on the page of the record, and refused. Defaults to none.
	Unavailable func(ctx context.Context, record *T) string
	// Run does the action inside a transaction, in which it takes part through the context. The records are complete and
	// locked; changes of the structs are not saved:
	//
	//	Run: func(ctx context.Context, posts []*models.Post) (string, error) {
	//		for _, post := range posts {
	//			if err := db.With(ctx).Model(post).Update("status", "published").Error; err != nil {
	//				return "", err
	//			}
	//		}
	//		return "Published.", nil
	//	},
	//
	// It returns a message for the user. An error rolls everything back: the detail of a problem with status 400, 409 or
	// 422 is shown, any other error is an error page. Required.
	Run func(ctx context.Context, records []*T) (message string, err error)
}

// spec returns the options without the type of the model.
func (r Resource[T]) spec() meta.Spec {
	spec := meta.Spec{
		Model: new(T), Name: r.Name, Label: r.Label, Plural: r.Plural, Permission: r.Permission, Group: r.Group,
		Title: r.Title, List: r.List, Search: r.Search, Filters: r.Filters, ReadOnly: r.ReadOnly, Hidden: r.Hidden,
		Forbid: r.Forbid, Labels: r.Labels, Hints: r.Hints, Guards: r.Guards, Lines: r.lines, PerPage: r.PerPage,
		Standard: r.standard, Refers: r.refers, Suggestions: r.suggest, Check: untyped(r.Check),
	}
	spec.Locked, spec.Senseless = untypedTexts(r.locked), untypedTexts(r.senseless)
	spec.Present = map[string]func(context.Context, []any) ([]string, error){}
	for name, present := range r.present {
		spec.Present[name] = func(ctx context.Context, records []any) ([]string, error) {
			list, err := typed[T](records)
			if err != nil {
				return nil, err
			}
			return present(ctx, list)
		}
	}
	if r.prepare != nil {
		spec.Prepare = func(record any) {
			if one, ok := record.(*T); ok {
				r.prepare(one)
			}
		}
	}
	if r.guard != nil {
		spec.Guard = func(ctx context.Context, verb string, records []any) (func(context.Context) error, error) {
			list, err := typed[T](records)
			if err != nil {
				return nil, err
			}
			return r.guard(ctx, verb, list)
		}
	}
	if r.Order != "" {
		spec.Order = []string{r.Order}
	}
	for _, f := range r.Fieldsets {
		spec.Fieldsets = append(spec.Fieldsets, meta.Fieldset(f))
	}
	for _, a := range r.Actions {
		action := meta.Action{Name: a.Name, Label: a.Label, Confirm: a.Confirm, Danger: a.Danger}
		if action.Label == "" {
			action.Label = format.Label(a.Name)
		}
		if a.Unavailable != nil {
			spec.Senseless[a.Name] = untypedText(a.Unavailable)
		}
		if a.Run != nil {
			action.Run = func(ctx context.Context, records []any) (string, error) {
				list, err := typed[T](records)
				if err != nil {
					return "", err
				}
				return a.Run(ctx, list)
			}
		}
		spec.Actions = append(spec.Actions, action)
	}
	return spec
}

// untypedTexts returns functions for records of any type, by the same names.
func untypedTexts[T any](typed map[string]func(context.Context, *T) string) map[string]func(context.Context, any) string {
	list := map[string]func(context.Context, any) string{}
	for name, text := range typed {
		list[name] = untypedText(text)
	}
	return list
}

func untypedText[T any](text func(context.Context, *T) string) func(context.Context, any) string {
	return func(ctx context.Context, record any) string {
		one, ok := record.(*T)
		if !ok {
			return ""
		}
		return text(ctx, one)
	}
}

func untyped[T any](check func(context.Context, string, []*T) error) func(context.Context, string, []any) error {
	if check == nil {
		return nil
	}
	return func(ctx context.Context, verb string, records []any) error {
		list, err := typed[T](records)
		if err != nil {
			return err
		}
		return check(ctx, verb, list)
	}
}

func typed[T any](records []any) ([]*T, error) {
	list := make([]*T, len(records))
	for i, record := range records {
		var ok bool
		if list[i], ok = record.(*T); !ok {
			return nil, fmt.Errorf("the record is a %T, not a %T", record, list[i])
		}
	}
	return list, nil
}
