package form

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/internal/upload"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// edit is one attempt to save a form.
type edit struct {
	*Forms
	resource *meta.Resource
	form     url.Values     // nil before it is sent
	zone     *time.Location // of the times in the form
	creating bool

	uploads  map[string]upload.File // by column
	stored   map[string]string      // the storage keys of uploads, by column
	replaced []string               // the storage keys of files that the record does not have any more

	record any
	before values
	after  values
	errs   map[string]string // by column
	notes  []string          // what is wrong besides

	conflicts []*meta.Field               // fields that another user changed meanwhile
	guarded   func(context.Context) error // called after the change; nil for nothing
}

// errAgain rolls the transaction back. The form is shown again.
var errAgain = errors.New("the form is shown again")

// create inserts the record of the form.
func (e *edit) create(ctx context.Context) error {
	r := e.resource
	e.record = r.New()
	e.before = emptyValues(ctx, r, e.record)
	changed, err := e.apply(ctx)
	if err != nil {
		return err
	}
	if !e.Registry.Allows(ctx, r, meta.Create, e.record) {
		return problem.Forbidden("")
	}
	if err := e.guard(ctx, meta.Create); err != nil {
		return err
	}
	if err := e.check(ctx, meta.Create); err != nil {
		return err
	}
	if err := e.Store.Create(ctx, r, e.record); err != nil {
		return err
	}
	return e.finish(ctx, meta.Create, changed)
}

// update changes the record with a key, unless another user has changed it since the form was shown.
func (e *edit) update(ctx context.Context, key any) error {
	r := e.resource
	var err error
	if e.record, err = e.Store.Lock(ctx, r, key); err != nil {
		return err
	}
	if !e.Registry.Allows(ctx, r, meta.Read, e.record) || !e.Registry.Allows(ctx, r, meta.Update, e.record) {
		return problem.Forbidden("")
	}
	if e.before, err = e.valuesOf(ctx, r, e.record); err != nil {
		return err
	}
	if e.form.Has("_lookup") {
		return errAgain
	}
	if e.conflicts = changedSince(e.remembered(ctx, r), e.before, e.form.Get("_version")); len(e.conflicts) > 0 {
		return errAgain
	}
	if err := e.guard(ctx, meta.Update); err != nil {
		return err
	}
	changed, err := e.apply(ctx)
	if err != nil {
		return err
	}
	// The record as it would be now: users do not give away what they may not have.
	if !e.Registry.Allows(ctx, r, meta.Update, e.record) {
		return problem.Forbidden("")
	}
	if err := e.check(ctx, meta.Update); err != nil {
		return err
	}
	if len(changed) == 0 {
		return nil
	}
	stored := slices.DeleteFunc(slices.Clone(changed), func(f *meta.Field) bool { return !f.Stored() })
	if err := e.Store.Update(ctx, r, e.record, stored); err != nil {
		return err
	}
	return e.finish(ctx, meta.Update, changed)
}

// guard asks the resource before a change, and keeps what is called after it.
func (e *edit) guard(ctx context.Context, verb string) (err error) {
	if e.resource.Guard != nil {
		e.guarded, err = e.resource.Guard(ctx, verb, []any{e.record})
	}
	return err
}

// apply sets the fields that the form changes, and returns them.
func (e *edit) apply(ctx context.Context) ([]*meta.Field, error) {
	var changed []*meta.Field
	e.after = values{}
	for _, f := range fieldsOf(e.resource) {
		value, there := e.sent(f)
		if !there || !e.editable(ctx, f, e.record) {
			continue
		}
		unchanged := same(value, e.before[f.Column])
		if unchanged && !e.creating {
			continue
		}
		e.after[f.Column] = value
		if f.Kind == meta.File && !e.creating {
			e.replaced = append(e.replaced, sorted(e.before[f.Column])...)
		}
		message, err := e.set(ctx, f, value)
		if err != nil {
			return nil, err
		}
		if message != "" {
			e.errs[f.Column] = message
		} else if !unchanged {
			changed = append(changed, f)
		}
	}
	return changed, nil
}

// set assigns a field. It returns what is wrong with the value.
func (e *edit) set(ctx context.Context, f *meta.Field, value []string) (message string, err error) {
	if f.Kind == meta.Many {
		return e.checkLinks(ctx, f, without(value, e.before[f.Column]))
	}
	if !f.Stored() {
		return "", nil
	}
	parsed, err := f.Parse(value[0])
	if err != nil {
		return meta.Message(ctx, err), nil
	}
	if f.Kind == meta.Belongs && f.Related != nil && parsed != nil {
		if message, err := e.checkLinks(ctx, f, value); message != "" || err != nil {
			return message, err
		}
	}
	if err := f.Assign(ctx, e.record, parsed); err != nil {
		return meta.Message(ctx, err), nil
	}
	return "", nil
}

// checkLinks returns what is wrong with referring to the records with these keys.
func (e *edit) checkLinks(ctx context.Context, f *meta.Field, keys []string) (message string, err error) {
	ok, err := e.Relations.Readable(ctx, f, keys)
	if err != nil || ok {
		return "", err
	}
	return words.T(ctx, "input.choose"), nil
}

// check validates the record by the tags of its model. Faults of fields that the form does not have are left out,
// unless a method of the model reports them.
func (e *edit) check(ctx context.Context, verb string) error {
	if e.resource.Prepare != nil {
		e.resource.Prepare(e.record)
	}
	errs, err := validate.Struct(ctx, e.record)
	if err != nil {
		return err
	}
	for name, message := range errs {
		f := e.named(name)
		switch {
		case f != nil && e.editable(ctx, f, e.record):
			if _, ok := e.errs[f.Column]; !ok {
				e.errs[f.Column] = message
			}
		case f == nil && !strings.Contains(name, "."), f != nil && verb == meta.Create && f.Visible() && !f.ReadOnly:
			e.notes = append(e.notes, message)
		}
	}
	if len(e.errs) > 0 || len(e.notes) > 0 {
		return errAgain
	}
	return nil
}

// named returns the field that package validate reports under a name, or nil.
func (e *edit) named(name string) *meta.Field {
	for _, f := range e.resource.Fields {
		if f.ErrorName == name && name != "" || f.Name == name {
			return f
		}
	}
	return nil
}

// finish writes relations, asks the application, and logs the change, all in the transaction of ctx.
func (e *edit) finish(ctx context.Context, verb string, changed []*meta.Field) error {
	r := e.resource
	var changes []audit.Change
	for _, f := range changed {
		if !f.Stored() {
			if err := e.Store.SetLinks(ctx, r, f, e.record, e.before[f.Column], e.after[f.Column]); err != nil {
				return err
			}
		}
		changes = append(changes, registry.Change(f, e.before[f.Column], e.after[f.Column]))
	}
	if r.Check != nil {
		if err := r.Check(ctx, verb, []any{e.record}); err != nil {
			return err
		}
	}
	if e.guarded != nil {
		if err := e.guarded(ctx); err != nil {
			return err
		}
	}
	return e.Audit.Record(ctx, audit.Event{
		Action: r.Action(verb), Subject: registry.Subject(r, r.KeyOf(ctx, e.record)),
		Detail: map[string]any{"changes": changes},
	})
}

// explain turns the error of a transaction into messages of the form. It returns an error that the form cannot show.
func (e *edit) explain(ctx context.Context, err error) error {
	refusal, refused := request.Refusal(err)
	switch {
	case err == nil, errors.Is(err, errAgain):
	case errors.Is(err, gorm.ErrDuplicatedKey):
		e.explainDuplicate(ctx, err)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		e.notes = append(e.notes, words.T(ctx, "form.gone"))
	case errors.Is(err, gorm.ErrCheckConstraintViolated):
		e.notes = append(e.notes, words.T(ctx, "form.refused"))
	case errors.Is(err, database.ErrConflict):
		e.notes = append(e.notes, words.T(ctx, "form.busy"))
	case refused:
		e.notes = append(e.notes, refusal.Detail)
	default:
		return err
	}
	return nil
}

// explainDuplicate reports which value has to be unique, as far as that is known.
func (e *edit) explainDuplicate(ctx context.Context, err error) {
	for name, message := range validate.Duplicate(ctx, e.record, err) {
		if f := e.named(name); f != nil && f.Visible() {
			e.errs[f.Column] = message
			return
		}
	}
	e.notes = append(e.notes, words.T(ctx, "form.duplicate"))
}

// differences compares what another user changed with what the form holds.
func (e *edit) differences(ctx context.Context) []views.Difference {
	var list []views.Difference
	for _, f := range e.conflicts {
		mine, there := e.sent(f)
		if !there {
			continue
		}
		theirs, both := e.before[f.Column], e.touched(f)
		if !both {
			mine = theirs
		}
		list = append(list, views.Difference{
			Label: f.LabelIn(ctx), Both: both,
			Theirs: format.Cut(shownTexts(ctx, f, theirs)), Mine: format.Cut(shownTexts(ctx, f, mine)),
		})
	}
	return list
}

// shownTexts writes what a form holds of a field for users.
func shownTexts(ctx context.Context, f *meta.Field, list []string) string {
	shown := make([]string, len(list))
	for i, text := range list {
		shown[i] = f.ShownText(ctx, text)
	}
	return strings.Join(shown, ", ")
}

// touched reports whether the form differs from what it showed of a field.
func (e *edit) touched(f *meta.Field) bool {
	mine, there := e.sent(f)
	if !there || f.ReadOnly {
		return false
	}
	return len(changedSince([]*meta.Field{f}, values{f.Column: mine}, e.form.Get("_version"))) > 0
}

// sent returns what the form holds of a field. It reports false if the form has no such field.
func (e *edit) sent(f *meta.Field) ([]string, bool) {
	if f.Kind == meta.File {
		return e.sentFile(f)
	}
	value, there := sent(f, e.form, e.zone)
	// An hour that occurs twice when the clocks change is left as it is stored.
	if f.Kind == meta.Time && there && len(e.before[f.Column]) == 1 {
		if stored := e.before[f.Column][0]; meta.InZone(stored, e.zone) == meta.InZone(value[0], e.zone) {
			return []string{stored}, true
		}
	}
	return value, there
}

// value is what a control shows: what was typed, or what the record holds.
func (e *edit) value(f *meta.Field) []string {
	if e.form == nil {
		return e.before[f.Column]
	}
	typed, there := e.sent(f)
	if !there || (len(e.conflicts) > 0 && !e.touched(f)) {
		return e.before[f.Column]
	}
	return typed
}
