package auth

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// normalize is how addresses are stored and compared: without space around them, in lower case.
func normalize(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// accountByEmail returns the account with an address, however it is written, or nil.
func (m *Module) accountByEmail(ctx context.Context, email string) (*covetmodels.User, error) {
	return m.account(ctx, "email = ?", normalize(email))
}

func (m *Module) accountByID(ctx context.Context, id int64) (*covetmodels.User, error) {
	return m.account(ctx, "id = ?", id)
}

func (m *Module) account(ctx context.Context, query string, arg any) (*covetmodels.User, error) {
	var user covetmodels.User
	err := m.app.DB.With(ctx).Where(query, arg).Take(&user).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	if err != nil {
		return nil, fmt.Errorf("finding an account: %w", err)
	}
	return &user, nil
}

// update writes columns of an account.
func (m *Module) update(ctx context.Context, userID int64, columns map[string]any) error {
	updated := m.app.DB.With(ctx).Model(&covetmodels.User{}).Where("id = ?", userID).Updates(columns)
	if updated.Error != nil {
		return fmt.Errorf("writing user %d: %w", userID, updated.Error)
	}
	return nil
}

// record writes an audit entry about an account, by its owner unless somebody else acts.
func (m *Module) record(ctx context.Context, action string, user *covetmodels.User, detail map[string]any) error {
	event := audit.Event{Action: action, Detail: detail}
	if user != nil {
		event.Subject = audit.Subject("users", user.ID)
		if _, ok := identity.From(ctx); !ok {
			event.Actor = identity.Actor{ID: strconv.FormatInt(user.ID, 10), Email: user.Email}
		}
	}
	return m.app.Audit.Record(ctx, event)
}

// isEmail reports whether text is an e-mail address and nothing else.
func isEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && len(text) <= 254
}
