package panel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// edit is one attempt to save a form.
type edit struct {
	server   *Server
	resource *meta.Resource
	form     url.Values
	creating bool

	record any
	before texts
	after  texts
	errs   map[string]string // by column
	notes  []string          // what is wrong besides
	moved  []*meta.Field     // what somebody else changed meanwhile

	guarded func(context.Context) error // asked after the change; nil for nothing
}

// errAgain rolls a transaction back whose form is shown again.
var errAgain = errors.New("the form is shown again")

func (s *Server) create(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Create)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	e := &edit{server: s, resource: r, form: form, creating: true, errs: map[string]string{}}
	if form.Has("_lookup") {
		return s.again(c, e, http.StatusOK)
	}
	err = s.DB.Transaction(c.Request().Context(), e.create)
	if err := e.refused(err); err != nil {
		return err
	}
	if err != nil {
		return s.again(c, e, http.StatusUnprocessableEntity)
	}
	return s.saved(c, e, "created")
}

func (s *Server) update(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Update)
	if err != nil {
		return err
	}
	key, err := s.registry.Key(c, r)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	e := &edit{server: s, resource: r, form: form, errs: map[string]string{}}
	err = s.DB.Transaction(c.Request().Context(), func(ctx context.Context) error { return e.update(ctx, key) })
	if err := e.refused(err); err != nil {
		return err
	}
	switch {
	case err != nil && form.Has("_lookup"):
		return s.again(c, e, http.StatusOK)
	case err != nil && len(e.moved) > 0:
		return s.again(c, e, http.StatusConflict)
	case err != nil:
		return s.again(c, e, http.StatusUnprocessableEntity)
	}
	return s.saved(c, e, "saved")
}

// saved says so, and leads back to the list.
func (s *Server) saved(c echo.Context, e *edit, verb string) error {
	ctx, r := c.Request().Context(), e.resource
	to := s.registry.Base()
	if s.registry.Allows(ctx, r, meta.Read, e.record) {
		to = s.registry.RecordPath(r, r.KeyOf(ctx, e.record))
	}
	return request.Redirect(c, fmt.Sprintf("%s is %s.", format.Cut(r.TitleOf(ctx, e.record)), verb), to)
}

func (e *edit) create(ctx context.Context) error {
	s, r := e.server, e.resource
	e.record = r.New()
	var err error
	if e.before, err = s.zero(ctx, r, e.record); err != nil {
		return err
	}
	changed, err := e.apply(ctx)
	if err != nil {
		return err
	}
	if !s.registry.Allows(ctx, r, meta.Create, e.record) {
		return problem.Forbidden("")
	}
	if err := e.guard(ctx, meta.Create); err != nil {
		return err
	}
	if err := e.check(ctx, meta.Create); err != nil {
		return err
	}
	if err := s.store.Create(ctx, r, e.record); err != nil {
		return err
	}
	return e.finish(ctx, meta.Create, changed)
}

// guard asks the resource before a change, and keeps what is to be asked after it.
func (e *edit) guard(ctx context.Context, verb string) (err error) {
	if e.resource.Guard != nil {
		e.guarded, err = e.resource.Guard(ctx, verb, []any{e.record})
	}
	return err
}

func (e *edit) update(ctx context.Context, key any) error {
	s, r := e.server, e.resource
	var err error
	if e.record, err = s.store.Lock(ctx, r, key); err != nil {
		return err
	}
	if !s.registry.Allows(ctx, r, meta.Read, e.record) || !s.registry.Allows(ctx, r, meta.Update, e.record) {
		return problem.Forbidden("")
	}
	if e.before, err = s.texts(ctx, r, e.record); err != nil {
		return err
	}
	if e.form.Has("_lookup") {
		return errAgain
	}
	if e.moved = moved(s.remembered(ctx, r), e.before, e.form.Get("_version")); len(e.moved) > 0 {
		return errAgain
	}
	if err := e.guard(ctx, meta.Update); err != nil {
		return err
	}
	changed, err := e.apply(ctx)
	if err != nil {
		return err
	}
	if !s.registry.Allows(ctx, r, meta.Update, e.record) { // as it would be now: nobody gives away what they may not have
		return problem.Forbidden("")
	}
	if err := e.check(ctx, meta.Update); err != nil {
		return err
	}
	if len(changed) == 0 {
		return nil
	}
	stored := slices.DeleteFunc(slices.Clone(changed), func(f *meta.Field) bool { return !f.Stored() })
	if err := s.store.Update(ctx, r, e.record, stored); err != nil {
		return err
	}
	return e.finish(ctx, meta.Update, changed)
}

// apply sets the fields that the form changes, and returns them.
func (e *edit) apply(ctx context.Context) ([]*meta.Field, error) {
	var changed []*meta.Field
	e.after = texts{}
	for _, f := range formFields(e.resource) {
		value, there := sent(f, e.form)
		if !there || !e.server.editable(ctx, f, e.record) {
			continue
		}
		isSame := same(value, e.before[f.Column])
		if isSame && !e.creating {
			continue
		}
		e.after[f.Column] = value
		message, err := e.set(ctx, f, value)
		if err != nil {
			return nil, err
		}
		if message != "" {
			e.errs[f.Column] = message
		} else if !isSame {
			changed = append(changed, f)
		}
	}
	return changed, nil
}

// set assigns a field. It returns what is wrong with the value.
func (e *edit) set(ctx context.Context, f *meta.Field, value []string) (string, error) {
	if !f.Stored() {
		if f.Kind != meta.Many {
			return "", nil
		}
		return e.mayLink(ctx, f, added(e.before[f.Column], value))
	}
	parsed, err := f.Parse(value[0])
	if err != nil {
		return err.Error(), nil
	}
	if f.Kind == meta.Belongs && f.Related != nil && parsed != nil {
		if message, err := e.mayLink(ctx, f, value); message != "" || err != nil {
			return message, err
		}
	}
	if err := f.Assign(ctx, e.record, parsed); err != nil {
		return meta.Message(err), nil
	}
	return "", nil
}

func added(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(text string) bool { return slices.Contains(before, text) })
}

// mayLink says what is wrong with referring to records.
//
// Threat: reaching a record by its key that the actor may not see.
func (e *edit) mayLink(ctx context.Context, f *meta.Field, keys []string) (string, error) {
	const wrong = "Choose from the list."
	var parsed []any
	for _, text := range keys {
		key, ok := f.Related.ParseKey(text)
		if !ok {
			return wrong, nil
		}
		parsed = append(parsed, key)
	}
	records, err := e.server.store.Several(ctx, f.Related, parsed, false, false)
	if err != nil {
		return "", err
	}
	for _, record := range records {
		if !e.server.registry.Allows(ctx, f.Related, meta.Read, record) {
			return wrong, nil
		}
	}
	if len(records) != len(keys) {
		return wrong, nil
	}
	return "", nil
}

// check validates the record by the tags of its model. What is wrong with fields that the form does not have is
// nobody's fault here, unless a method of the model says it.
func (e *edit) check(ctx context.Context, verb string) error {
	if e.resource.Prepare != nil {
		e.resource.Prepare(e.record)
	}
	errs, err := validate.Struct(validate.WithLookup(ctx, e.server.Lookup), e.record)
	if err != nil {
		return err
	}
	for name, message := range errs {
		f := e.named(name)
		switch {
		case f != nil && e.server.editable(ctx, f, e.record):
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

func (e *edit) named(name string) *meta.Field {
	i := slices.IndexFunc(e.resource.Fields, func(f *meta.Field) bool { return f.ErrorName == name && name != "" || f.Name == name })
	if i < 0 {
		return nil
	}
	return e.resource.Fields[i]
}

// finish writes the relations, asks the application, and records what was done, all in the transaction.
func (e *edit) finish(ctx context.Context, verb string, changed []*meta.Field) error {
	s, r := e.server, e.resource
	var changes []audit.Change
	for _, f := range changed {
		if !f.Stored() {
			if err := s.store.SetLinks(ctx, r, f, e.record, e.before[f.Column], e.after[f.Column]); err != nil {
				return err
			}
		}
		changes = append(changes, change(f, e.before[f.Column], e.after[f.Column]))
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
	return s.Audit.Record(ctx, audit.Event{
		Action: r.Action(verb), Subject: registry.Subject(r, r.KeyOf(ctx, e.record)), Detail: map[string]any{"changes": changes},
	})
}

// recorded bounds the text of a value in the log, in characters.
const recorded = 1000

// change writes a change for the audit log.
func change(f *meta.Field, before, after []string) audit.Change {
	text := func(list []string) any {
		joined := strings.Join(list, ", ")
		if r := []rune(joined); len(r) > recorded {
			joined = string(r[:recorded]) + "…"
		}
		return joined
	}
	return audit.Change{Field: f.Name, Before: text(before), After: text(after)}
}

// refused sorts out the end of a transaction: it returns what is an error of the request, and leaves to the form what
// is to be shown there.
func (e *edit) refused(err error) error {
	var known *problem.Error
	switch {
	case err == nil, errors.Is(err, errAgain):
		return nil
	case errors.Is(err, gorm.ErrDuplicatedKey):
		e.taken(err)
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		e.notes = append(e.notes, "This refers to a record that does not exist any more.")
	case errors.Is(err, gorm.ErrCheckConstraintViolated):
		e.notes = append(e.notes, "The database refuses one of these values.")
	case errors.Is(err, database.ErrConflict):
		e.notes = append(e.notes, "Somebody else is writing the same record. Try again.")
	case errors.As(err, &known) && refusal(known):
		e.notes = append(e.notes, known.Detail)
	default:
		return err
	}
	return nil
}

// taken tells which value has to be unique, as far as that is known.
func (e *edit) taken(err error) {
	for name, message := range validate.Duplicate(e.record, err) {
		if f := e.named(name); f != nil && f.Visible() {
			e.errs[f.Column] = message
			return
		}
	}
	e.notes = append(e.notes, "Another record has one of these values already, which has to be unique.")
}

// refusal reports whether a problem is the application's refusal of a change, to be shown beside it.
func refusal(p *problem.Error) bool {
	return p.Status == http.StatusConflict || p.Status == http.StatusUnprocessableEntity || p.Status == http.StatusBadRequest
}
