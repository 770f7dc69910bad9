package bulk

import (
	"context"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
)

// apply makes the change in the transaction of ctx: the records are locked, and guards and checks of the resource
// decide. It returns what to tell the user.
func (ch *change) apply(ctx context.Context) (string, error) {
	r := ch.resource
	records, err := ch.load(ctx, true)
	if err != nil {
		return "", err
	}
	if len(records) == 0 {
		return "", problem.Conflict(ch.leftOut[0])
	}
	if ch.files = nil; ch.final() {
		if err := ch.collectFiles(ctx, records); err != nil {
			return "", err
		}
	}
	guarded := func(context.Context) error { return nil }
	if r.Guard != nil {
		if guarded, err = r.Guard(ctx, ch.verb, records); err != nil {
			return "", err
		}
	}
	var message string
	if ch.action.Run != nil {
		message, err = ch.runAction(ctx, records)
	} else {
		message, err = ch.deleteOrRestore(ctx, records)
	}
	if err != nil {
		return "", err
	}
	if r.Check != nil {
		if err := r.Check(ctx, ch.verb, records); err != nil {
			return "", err
		}
	}
	return message, guarded(ctx)
}

// deleteOrRestore does a verb of the admin to each record.
func (ch *change) deleteOrRestore(ctx context.Context, records []any) (string, error) {
	r := ch.resource
	for _, record := range records {
		var err error
		if ch.verb == meta.Restore {
			err = ch.Store.Restore(ctx, r, record)
		} else {
			err = ch.Store.Delete(ctx, r, record, ch.verb == meta.Destroy)
		}
		if err != nil {
			return "", err
		}
		if err := ch.log(ctx, record, map[string]any{"title": format.Cut(r.TitleOf(ctx, record))}); err != nil {
			return "", err
		}
	}
	n := len(records)
	switch ch.verb {
	case meta.Restore:
		return words.T(ctx, "bulk.restored", "n", n, "records", r.RecordsIn(ctx, n)), nil
	case meta.Destroy:
		return words.T(ctx, "bulk.destroyed", "n", n, "records", r.RecordsIn(ctx, n)), nil
	}
	return words.T(ctx, "bulk.deleted", "n", n, "records", r.RecordsIn(ctx, n)), nil
}

// log records what was done to a record in the audit log.
func (ch *change) log(ctx context.Context, record any, detail map[string]any) error {
	r := ch.resource
	return ch.Audit.Record(ctx, audit.Event{
		Action: r.Permission + "." + ch.verb, Subject: registry.Subject(r, r.KeyOf(ctx, record)), Detail: detail,
	})
}

// runAction runs an action of the application, and logs what it changed.
func (ch *change) runAction(ctx context.Context, records []any) (string, error) {
	r := ch.resource
	before := map[string]map[string]string{}
	for _, record := range records {
		before[r.KeyOf(ctx, record)] = columns(ctx, r, record)
	}
	message, err := ch.action.Run(ctx, records)
	if err != nil {
		return "", err
	}
	changed, err := ch.Store.Several(ctx, r, ch.keysOf(ctx, records), false, true)
	if err != nil {
		return "", err
	}
	after := map[string]map[string]string{}
	for _, record := range changed {
		after[r.KeyOf(ctx, record)] = columns(ctx, r, record)
	}
	for _, record := range records {
		key := r.KeyOf(ctx, record)
		detail := map[string]any{}
		if changes := differences(r, before[key], after[key]); len(changes) > 0 {
			detail["changes"] = changes
		}
		if err := ch.log(ctx, record, detail); err != nil {
			return "", err
		}
	}
	if message == "" {
		message = words.T(ctx, "bulk.done", "action", ch.action.LabelIn(ctx, r))
	}
	return message, nil
}

// columns reads every column of a record, secrets included, to find out what an action changes.
func columns(ctx context.Context, r *meta.Resource, record any) map[string]string {
	texts := map[string]string{}
	for _, f := range r.Fields {
		if f.Stored() {
			texts[f.Column] = f.Text(f.Value(ctx, record))
		}
	}
	return texts
}

// differences returns the changes of a record that still exists. Of secrets it tells only that they changed.
func differences(r *meta.Resource, before, after map[string]string) []audit.Change {
	var changes []audit.Change
	for _, f := range r.Fields {
		if after == nil || !f.Stored() || before[f.Column] == after[f.Column] || f.Schema().AutoUpdateTime > 0 {
			continue
		}
		if f.Visible() {
			changes = append(changes, registry.Change(f, []string{before[f.Column]}, []string{after[f.Column]}))
		} else {
			changes = append(changes, audit.Change{Field: f.Name, Before: "(hidden)", After: "(changed)"})
		}
	}
	return changes
}
