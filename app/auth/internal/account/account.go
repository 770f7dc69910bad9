package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// Store stores accounts. It is safe for concurrent use once its fields are set.
type Store struct {
	DB    *database.DB
	Log   *slog.Logger
	Audit *audit.Log
	Users Users
	// Passwords hashes passwords. The zero value is right except in tests.
	Passwords password.Hasher

	// The credentials that a change of state may end.
	Sessions *session.Store
	Access   *token.Access
	Links    *token.Links
	Logins   PendingLogins

	// Notify mails a notice in the language of its owner, after the transaction of ctx.
	Notify func(ctx context.Context, notice Notice) error
}

// PendingLogins are the log-ins that wait for a step. *flow.Flow implements it.
type PendingLogins interface {
	EndAll(ctx context.Context, userID int64) (int64, error)
}

// Normalize returns an address as it is stored and compared: without surrounding space, in lower case.
func Normalize(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// IsEmail reports whether text is a valid e-mail address and nothing else.
func IsEmail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && len(text) <= 254
}

// Actor returns the owner of an account as the one who acts.
func Actor(user *covetmodels.User) identity.Actor {
	return identity.Actor{ID: strconv.FormatInt(user.ID, 10), Email: user.Email}
}

// ByEmail returns the account with an address, however it is written, or nil.
func (s *Store) ByEmail(ctx context.Context, email string) (*covetmodels.User, error) {
	return s.find(ctx, "email = ?", Normalize(email))
}

// ByID returns the account with an id, or nil.
func (s *Store) ByID(ctx context.Context, id int64) (*covetmodels.User, error) {
	return s.find(ctx, "id = ?", id)
}

func (s *Store) find(ctx context.Context, query string, arg any) (*covetmodels.User, error) {
	var user covetmodels.User
	err := s.DB.With(ctx).Where(query, arg).Take(&user).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil //nolint:nilnil // no account is no error
	}
	if err != nil {
		return nil, fmt.Errorf("finding an account: %w", err)
	}
	return &user, nil
}

// NameOf returns the name of the user with an id, as the application's model has it; "" without one.
func (s *Store) NameOf(ctx context.Context, id int64) (string, error) {
	person := s.Users.New()
	err := s.DB.With(ctx).Where("id = ?", id).Take(person).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return "", fmt.Errorf("reading user %d: %w", id, err)
	}
	if named, ok := person.(interface{ ActorName() string }); ok && err == nil {
		return named.ActorName(), nil
	}
	return "", nil
}

// Create inserts an account in the transaction of ctx, and sets the ID of person. It returns [gorm.ErrDuplicatedKey]
// if the address is taken.
func (s *Store) Create(ctx context.Context, person Person) error {
	if err := s.DB.With(ctx).Omit(clause.Associations).Create(person).Error; err != nil {
		return fmt.Errorf("creating an account: %w", err)
	}
	return s.Record(ctx, "users.create", person.Account(), map[string]any{"email": person.Account().Email})
}

// List returns all accounts with their roles, by ID.
func (s *Store) List(ctx context.Context) ([]covetmodels.User, error) {
	var users []covetmodels.User
	if err := s.DB.With(ctx).Preload("Roles").Order("id").Find(&users).Error; err != nil {
		return nil, fmt.Errorf("listing accounts: %w", err)
	}
	return users, nil
}

// Record writes an audit entry about an account, which may be nil. The owner of the account acts unless ctx says who
// does.
func (s *Store) Record(ctx context.Context, action string, user *covetmodels.User, detail map[string]any) error {
	event := audit.Event{Action: action, Detail: detail}
	if user != nil {
		event.Subject = audit.Subject("users", user.ID)
		if _, ok := identity.From(ctx); !ok {
			event.Actor = Actor(user)
		}
	}
	return s.Audit.Record(ctx, event)
}
