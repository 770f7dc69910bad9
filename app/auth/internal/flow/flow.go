// Package flow is the engine of log-ins: the order of their steps, and the pending log-in that is stored between two
// of them.
//
//	next, err := f.Next(ctx, &pending.Attempt, "password")
//	if next != nil {
//		secret, err := f.Wait(ctx, pending, next) // a cookie; the browser goes to the page of next
//	}
//
// A log-in whose first step is its last stores nothing.
package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// Lifetime is how long a log-in may take after its first step.
const Lifetime = 10 * time.Minute

// ErrNone is returned when there is no pending log-in: it never existed, is complete, has expired, belongs to another
// browser, or its account was changed, disabled or deleted.
var ErrNone = errors.New("there is no pending log-in")

// StepError is returned by [Flow.Resume] when another step is waiting than the one that was asked for.
type StepError struct{ Waiting string }

// Error names the step that is waiting.
func (e *StepError) Error() string { return fmt.Sprintf("the log-in is waiting at step %q", e.Waiting) }

// Flow is a log-in in ordered steps.
type Flow struct {
	// Steps are all steps, the password first.
	Steps []login.Step
	// DB has the table of pending log-ins.
	DB *database.DB
}

// Pending is a log-in in progress. Its zero value is one that is not stored yet.
type Pending struct {
	login.Attempt
	id   int64
	step string
}

// Stored reports whether the log-in is stored, and so waits for a step.
func (p *Pending) Stored() bool { return p.id != 0 }

// Next returns the first step after the one named passed that the account has to pass, or nil if the log-in is
// complete.
func (f *Flow) Next(ctx context.Context, attempt *login.Attempt, passed string) (login.Step, error) {
	after := false
	for _, step := range f.Steps {
		if !after {
			after = step.Name() == passed
			continue
		}
		required, err := step.Required(ctx, attempt)
		if err != nil {
			return nil, fmt.Errorf("asking whether step %q is required: %w", step.Name(), err)
		}
		if required {
			return step, nil
		}
	}
	if !after {
		return nil, fmt.Errorf("finding the step after %q: there is no such step", passed)
	}
	return nil, nil //nolint:nilnil // the log-in is complete
}

// Wait stores that the log-in waits at the step with this name. It returns the secret for the cookie of the browser
// when it is stored for the first time, and "" when the browser has it already. It returns [ErrNone] if another
// request has taken the log-in further.
func (f *Flow) Wait(ctx context.Context, p *Pending, step string) (secret string, err error) {
	at := token.Now()
	if p.Stored() {
		moved := f.DB.With(ctx).Model(&covetmodels.PendingLogin{}).
			Where("id = ? AND step = ? AND expires_at > ?", p.id, p.step, at).
			Updates(f.columns(p, step))
		if moved.Error != nil {
			return "", fmt.Errorf("storing a pending log-in: %w", moved.Error)
		}
		if moved.RowsAffected != 1 {
			return "", ErrNone
		}
		p.step = step
		return "", nil
	}
	secret = token.New()
	row := covetmodels.PendingLogin{
		TokenHash: token.Hash(secret), Method: p.Method, Step: step, Remember: p.Remember, Next: p.Next,
		CreatedAt: at, ExpiresAt: at.Add(Lifetime),
	}
	if p.Account != nil {
		row.UserID, row.AccountHash = &p.Account.ID, fingerprint(p.Account)
	}
	if err := f.DB.With(ctx).Create(&row).Error; err != nil {
		return "", fmt.Errorf("storing a pending log-in: %w", err)
	}
	p.id, p.step = row.ID, step
	p.Store = f.store(row.ID, step)
	return secret, nil
}

// columns are those that change when a log-in goes on to another step.
func (f *Flow) columns(p *Pending, step string) map[string]any {
	columns := map[string]any{"step": step, "data": "", "method": p.Method}
	if p.Account != nil {
		columns["user_id"], columns["account_hash"] = p.Account.ID, fingerprint(p.Account)
	}
	return columns
}

// Resume returns the pending log-in of a browser that waits at the step with this name. It returns [ErrNone] if there
// is none, and a [StepError] if it waits at another.
//
// Threats: a stolen cookie of an old log-in is used later (10 minutes), or again (Wait and Complete move on once); the
// password was changed, or the account disabled, because another person had passed its first step (fingerprint).
func (f *Flow) Resume(ctx context.Context, secret, step string) (*Pending, error) {
	if secret == "" {
		return nil, ErrNone
	}
	var row covetmodels.PendingLogin
	err := f.DB.With(ctx).Where("token_hash = ? AND expires_at > ?", token.Hash(secret), token.Now()).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("finding the pending log-in: %w", err)
	}
	p := &Pending{
		Attempt: login.Attempt{
			Method: row.Method, Remember: row.Remember, Next: row.Next, Data: []byte(row.Data), Store: f.store(row.ID, row.Step),
		},
		id: row.ID, step: row.Step,
	}
	if row.UserID != nil {
		var user covetmodels.User
		err := f.DB.With(ctx).Take(&user, *row.UserID).Error
		if errors.Is(err, gorm.ErrRecordNotFound) || (err == nil && fingerprint(&user) != row.AccountHash) {
			return nil, ErrNone
		}
		if err != nil {
			return nil, fmt.Errorf("finding the account of the log-in: %w", err)
		}
		p.Account = &user
	}
	if row.Step != step {
		return nil, &StepError{Waiting: row.Step}
	}
	return p, nil
}

// fingerprint changes with everything that has to end a log-in.
func fingerprint(user *covetmodels.User) string {
	return token.Hash(fmt.Sprintf("%d\x00%s\x00%s\x00%t", user.ID, user.Email, user.PasswordHash, user.DisabledAt != nil))
}

// store returns a function that stores the data of a waiting step.
func (f *Flow) store(id int64, step string) func(context.Context, []byte) error {
	return func(ctx context.Context, data []byte) error {
		return f.DB.With(ctx).Model(&covetmodels.PendingLogin{}).Where("id = ? AND step = ?", id, step).
			UpdateColumn("data", string(data)).Error
	}
}

// Complete deletes a stored log-in, in the transaction of ctx in which the session begins, and returns [ErrNone] to
// all but one of those who try at once. It does nothing if the log-in is not stored.
func (f *Flow) Complete(ctx context.Context, p *Pending) error {
	if !p.Stored() {
		return nil
	}
	deleted := f.DB.With(ctx).Where("id = ? AND step = ? AND expires_at > ?", p.id, p.step, token.Now()).
		Delete(&covetmodels.PendingLogin{})
	if deleted.Error != nil {
		return fmt.Errorf("completing the log-in: %w", deleted.Error)
	}
	if deleted.RowsAffected != 1 {
		return ErrNone
	}
	return nil
}

// EndAll ends the pending log-ins of a user, and returns how many.
func (f *Flow) EndAll(ctx context.Context, userID int64) (int64, error) {
	ended := f.DB.With(ctx).Where("user_id = ?", userID).Delete(&covetmodels.PendingLogin{})
	if ended.Error != nil {
		return 0, fmt.Errorf("ending pending log-ins of user %d: %w", userID, ended.Error)
	}
	return ended.RowsAffected, nil
}

// Prune deletes the pending log-ins that have expired at that time.
func (f *Flow) Prune(ctx context.Context, at time.Time) error {
	if err := f.DB.With(ctx).Where("expires_at < ?", at).Delete(&covetmodels.PendingLogin{}).Error; err != nil {
		return fmt.Errorf("deleting expired log-ins: %w", err)
	}
	return nil
}
