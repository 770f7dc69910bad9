package meta

import (
	"context"
	"slices"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/text"
)

// name returns a name that belongs to the application: its own text with the key, or else the fallback. The names of
// Covet's resources are texts of the admin.
func (r *Resource) name(ctx context.Context, key, fallback string) string {
	return nameOf(ctx, key, fallback, r.Standard)
}

func nameOf(ctx context.Context, key, fallback string, standard bool) string {
	if own, ok := text.Own(ctx, key); ok {
		return own
	}
	if standard {
		if name := words.T(ctx, key); name != "" {
			return name
		}
	}
	return fallback
}

// key returns the key of a name of the resource: "resources.posts.label".
func (r *Resource) key(rest string) string {
	return words.ID("resources." + words.KeyOf(r.Name) + "." + rest)
}

// LabelIn returns what a record is called in the language of ctx.
func (r *Resource) LabelIn(ctx context.Context) string { return r.name(ctx, r.key("label"), r.Label) }

// PluralIn returns what several records are called in the language of ctx.
func (r *Resource) PluralIn(ctx context.Context) string {
	return r.name(ctx, r.key("plural"), r.Plural)
}

// RecordIn is [Resource.LabelIn] inside a sentence.
func (r *Resource) RecordIn(ctx context.Context) string { return words.Lower(ctx, r.LabelIn(ctx)) }

// RecordsIn is what n records are called inside a sentence.
func (r *Resource) RecordsIn(ctx context.Context, n int) string {
	if n == 1 {
		return r.RecordIn(ctx)
	}
	return words.Lower(ctx, r.PluralIn(ctx))
}

// GroupIn returns the heading of the resource in the navigation.
func (r *Resource) GroupIn(ctx context.Context) string { return words.Group(ctx, r.Group) }

// LabelIn returns the label in the language of ctx.
func (a Action) LabelIn(ctx context.Context, r *Resource) string {
	return r.name(ctx, r.key("actions."+words.KeyOf(a.Name)), a.Label)
}

// ConfirmIn returns the question in the language of ctx.
func (a Action) ConfirmIn(ctx context.Context, r *Resource) string {
	return r.name(ctx, r.key("confirm."+words.KeyOf(a.Name)), a.Confirm)
}

// TitleIn returns the heading of a part of the form in the language of ctx.
func (s Section) TitleIn(ctx context.Context, r *Resource) string {
	return r.name(ctx, r.key("fieldsets."+words.KeyOf(s.Title)+".title"), s.Title)
}

// DescriptionIn returns the description in the language of ctx.
func (s Section) DescriptionIn(ctx context.Context, r *Resource) string {
	return r.name(ctx, r.key("fieldsets."+words.KeyOf(s.Title)+".description"), s.Description)
}

// LabelIn returns what the records are called in the language of ctx.
func (d *Dependant) LabelIn(ctx context.Context) string { return nameOf(ctx, d.key, d.Label, false) }

// names are the keys of the names of a field.
type names struct {
	label, hint string
	common      string // of the admin's own text for a field that most models have; "" for none
	choices     map[string]string
	standard    bool
}

// common are the columns that most models have.
var common = []string{"created_at", "updated_at", "deleted_at"}

// nameField sets the keys of the names of a field.
func (r *Resource) nameField(f *Field) {
	column := words.KeyOf(f.Column)
	f.names = names{label: r.key("fields." + column), hint: r.key("hints." + column), standard: r.Standard}
	if slices.Contains(common, f.Column) {
		f.names.common = words.ID("fields." + f.Column)
	}
	if len(f.Choices) > 0 {
		f.names.choices = map[string]string{}
		for _, choice := range f.Choices {
			f.names.choices[choice] = r.key("values." + column + "_" + words.KeyOf(choice))
		}
	}
}

// LabelIn returns the label in the language of ctx.
func (f *Field) LabelIn(ctx context.Context) string {
	label := f.Label
	if f.names.common != "" {
		label = words.T(ctx, f.names.common)
	}
	return nameOf(ctx, f.names.label, label, f.names.standard)
}

// HintIn returns the hint in the language of ctx.
func (f *Field) HintIn(ctx context.Context) string {
	return nameOf(ctx, f.names.hint, f.Hint, f.names.standard)
}
