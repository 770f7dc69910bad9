package account

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// Users is what accounts need of the application's model; only [Model] knows its type.
type Users interface {
	identify.Model
	// Check asks the application what is wrong with the values of a sign-up.
	Check(ctx context.Context, values map[string]string) (validate.Errors, error)
	// New returns a pointer to a new model.
	New() Person
	// Create inserts an account with the application's columns filled from the values, and returns it with its ID.
	Create(ctx context.Context, user covetmodels.User, values map[string]string) (covetmodels.User, validate.Errors, error)
	// Deleting calls the application before an account is deleted.
	Deleting(ctx context.Context, id int64) error
}

// Person is a pointer to the application's model of a user.
type Person interface {
	Account() *covetmodels.User
}

// Pointer is a pointer to the application's model, which embeds covetmodels.User.
type Pointer[U any] interface {
	*U
	Account() *covetmodels.User
}

// Hooks are functions of the application. Each may be nil.
type Hooks[U any] struct {
	Fill     func(ctx context.Context, user *U, values map[string]string, errs validate.Errors) error
	OnDelete func(ctx context.Context, user U) error
}

// Model is Users for the application's type U.
type Model[U any, P Pointer[U]] struct {
	db    *database.DB
	hooks Hooks[U]

	parse  sync.Once
	schema *schema.Schema
	err    error
}

// NewModel returns the application's model in db.
func NewModel[U any, P Pointer[U]](db *database.DB, hooks Hooks[U]) *Model[U, P] {
	return &Model[U, P]{db: db, hooks: hooks}
}

// Check implements [Users].
func (m *Model[U, P]) Check(ctx context.Context, values map[string]string) (validate.Errors, error) {
	var user U
	return m.fill(ctx, &user, values)
}

func (m *Model[U, P]) fill(ctx context.Context, user *U, values map[string]string) (validate.Errors, error) {
	errs := validate.Errors{}
	if m.hooks.Fill == nil {
		return errs, nil
	}
	if err := m.hooks.Fill(ctx, user, values, errs); err != nil {
		return nil, fmt.Errorf("filling in a new user: %w", err)
	}
	return errs, nil
}

// Create implements [Users].
//
// Threat: mass assignment. The account's columns are set after the application's code has run, and associations are not
// written.
func (m *Model[U, P]) Create(
	ctx context.Context, account covetmodels.User, values map[string]string,
) (covetmodels.User, validate.Errors, error) {
	var user U
	errs, err := m.fill(ctx, &user, values)
	if err != nil || len(errs) > 0 {
		return account, errs, err
	}
	*P(&user).Account() = account
	if err := m.db.With(ctx).Omit(clause.Associations).Create(&user).Error; err != nil {
		return account, nil, fmt.Errorf("creating an account: %w", err)
	}
	return *P(&user).Account(), nil, nil
}

// New implements [Users].
func (m *Model[U, P]) New() Person { return P(new(U)) }

// Deleting implements [Users].
func (m *Model[U, P]) Deleting(ctx context.Context, id int64) error {
	if m.hooks.OnDelete == nil {
		return nil
	}
	var user U
	if err := m.db.With(ctx).First(&user, id).Error; err != nil {
		return fmt.Errorf("loading user %d: %w", id, err)
	}
	return m.hooks.OnDelete(ctx, user)
}

// Scan implements [identify.Model]. It reads columns as GORM does: by the schema of the model, dropping columns that
// the model does not have.
func (m *Model[U, P]) Scan(
	ctx context.Context, columns []string,
) (targets []any, read func(context.Context) (identify.User, error), err error) {
	m.parse.Do(func() {
		statement := gorm.Statement{DB: m.db.With(ctx)}
		m.err = statement.Parse(new(U))
		m.schema = statement.Schema
	})
	if m.err != nil {
		return nil, nil, fmt.Errorf("reading the model of users: %w", m.err)
	}
	fields := make([]*schema.Field, len(columns))
	targets = make([]any, len(columns))
	for i, column := range columns {
		if field := m.schema.LookUpField(column); field != nil && field.Readable {
			fields[i], targets[i] = field, field.NewValuePool.Get()
		} else {
			targets[i] = new(any)
		}
	}
	return targets, func(ctx context.Context) (identify.User, error) {
		user := new(U)
		value := reflect.ValueOf(user).Elem()
		for i, field := range fields {
			if field == nil {
				continue
			}
			if err := field.Set(ctx, value, targets[i]); err != nil {
				return identify.User{}, fmt.Errorf("reading %s of a user: %w", field.Name, err)
			}
			field.NewValuePool.Put(targets[i])
		}
		found := identify.User{Model: user, Account: P(user).Account()}
		if named, ok := any(user).(interface{ ActorName() string }); ok {
			found.Name = named.ActorName()
		}
		return found, nil
	}, nil
}
