package bulk

import (
	"context"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
)

// addDependents adds what a deletion means for other records: those that prevent it, and those that it changes. Of
// records that the user may not read, and of tables without a resource, it says only that there are some.
//
// Threat: learning how many records there are of a resource that the user may not read.
func (ch *change) addDependents(ctx context.Context, v *views.Confirm) error {
	found, err := ch.Store.Dependents(ctx, ch.resource, ch.keysOf(ctx, ch.records), maxReferring)
	if err != nil {
		return err
	}
	hidden := map[string]bool{}
	for _, d := range found {
		if ch.isOwnLink(d) {
			continue
		}
		if owner, many := ch.linked(d); many != nil {
			if d.Depth == 0 && ch.Registry.Allows(ctx, owner, meta.Read, nil) {
				text := words.T(ctx, "bulk.unlinks", "n", words.AtMost(ctx, d.Count, maxReferring),
					"records", owner.RecordsIn(ctx, d.Count), "field", many.LabelIn(ctx))
				v.Following = append(v.Following, views.Dependent{Text: text})
			}
			if d.OnDelete != store.Prevent {
				continue
			}
		}
		r := ch.Registry.ByTable(d.Table)
		if r == nil || !ch.Registry.Allows(ctx, r, meta.Read, nil) {
			hidden[d.OnDelete] = true
			continue
		}
		dependent, err := ch.dependent(ctx, r, d)
		if err != nil {
			return err
		}
		if d.OnDelete == store.Prevent {
			v.Blocking = append(v.Blocking, dependent)
		} else {
			v.Following = append(v.Following, dependent)
		}
	}
	if hidden[store.Prevent] {
		v.Blocking = append(v.Blocking, views.Dependent{Text: words.T(ctx, "bulk.hidden_refers")})
	}
	if hidden[store.Cascade] {
		v.Following = append(v.Following, views.Dependent{Text: words.T(ctx, "bulk.hidden_cascades")})
	}
	return nil
}

// dependent describes records of r that refer to those to be deleted, and names the first ones.
func (ch *change) dependent(ctx context.Context, r *meta.Resource, d store.Dependent) (views.Dependent, error) {
	shown := views.Dependent{}
	field := r.Column(d.Column)
	label := d.Column
	if field != nil {
		label = field.LabelIn(ctx)
	}
	n, what := words.AtMost(ctx, d.Count, maxReferring), r.RecordsIn(ctx, d.Count)
	switch d.OnDelete {
	case store.Cascade:
		shown.Text = words.T(ctx, "bulk.cascades", "n", n, "records", what)
	case store.SetNull:
		shown.Text = words.T(ctx, "bulk.clears", "n", n, "records", what, "field", label)
	case store.Nothing:
		shown.Text = words.T(ctx, "bulk.dangles", "n", n, "records", what, "field", label)
	default:
		shown.Text = words.T(ctx, "bulk.refers", "n", n, "records", what)
	}
	records, err := ch.Store.Sample(ctx, r, d, shownReferring)
	if err != nil {
		return shown, err
	}
	for _, record := range records {
		if ch.Registry.Allows(ctx, r, meta.Read, record) {
			link := views.Link{Text: format.Cut(r.TitleOf(ctx, record)), URL: ch.Registry.RecordPath(r, r.KeyOf(ctx, record))}
			shown.Records = append(shown.Records, link)
		}
	}
	if d.Count > len(records) && d.Depth == 0 && len(ch.records) == 1 && field != nil && query.Filterable(r, field) {
		key := ch.resource.KeyOf(ctx, ch.records[0])
		shown.All = words.T(ctx, "all", "n", n)
		shown.AllURL = query.Address(ch.Registry.Path(r), nil, "filter."+field.Column, key)
	}
	return shown, nil
}

// isOwnLink reports whether rows are links of a many-to-many relation that the records themselves have: these are
// deleted with them.
func (ch *change) isOwnLink(d store.Dependent) bool {
	if d.Depth > 0 {
		return false
	}
	for _, f := range ch.resource.Fields {
		if f.Kind == meta.Many && f.Relation.JoinTable.Table == d.Table && d.Column == ownColumn(f) {
			return true
		}
	}
	return false
}

// linked returns the many-to-many relation whose links rows are, and the resource that has it.
func (ch *change) linked(d store.Dependent) (*meta.Resource, *meta.Field) {
	for _, r := range ch.Registry.Resources() {
		for _, f := range r.Fields {
			if f.Kind == meta.Many && f.Relation.JoinTable.Table == d.Table {
				return r, f
			}
		}
	}
	return nil, nil
}

// ownColumn is the column of a join table that refers to the record with the relation.
func ownColumn(f *meta.Field) string {
	for _, ref := range f.Relation.References {
		if ref.OwnPrimaryKey {
			return ref.ForeignKey.DBName
		}
	}
	return ""
}

// collectFiles remembers the files of the records to be deleted, and of those that the database deletes with them.
func (ch *change) collectFiles(ctx context.Context, records []any) error {
	for _, record := range records {
		ch.files = append(ch.files, ch.resource.FilesOf(ctx, record)...)
	}
	found, err := ch.Store.Dependents(ctx, ch.resource, ch.keysOf(ctx, records), 1)
	if err != nil {
		return err
	}
	for _, d := range found {
		r := ch.Registry.ByTable(d.Table)
		if r == nil || d.OnDelete != store.Cascade {
			continue
		}
		keys, err := ch.Store.FilesOf(ctx, r, d)
		if err != nil {
			return err
		}
		ch.files = append(ch.files, keys...)
	}
	return nil
}

// deleteFiles deletes the files of records that were deleted. A failure is logged: the records are deleted all the same.
func (ch *change) deleteFiles(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for _, key := range ch.files {
		if err := ch.Files.Delete(ctx, key); err != nil {
			ch.Log.WarnContext(ctx, "deleting a file failed", "key", key, "error", err.Error())
		}
	}
}
