package auth

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/validate"
	covetmodels "github.com/covetgo/covet/models"
)

// users is what the module needs of an application's model; the rest of the package does not know its type.
type users interface {
	// check asks the application what is wrong with what somebody entered at the sign-up.
	check(ctx context.Context, values Values) (validate.Errors, error)
	// create inserts an account with the application's columns filled in.
	create(ctx context.Context, account covetmodels.User, values Values) (covetmodels.User, validate.Errors, error)
	// insert inserts an account with the application's columns empty, and sets its key.
	insert(ctx context.Context, account *covetmodels.User) error
	// scan returns a new user, and where to scan its columns into.
	scan(ctx context.Context, columns []string) (*scanned, error)
	// deleting tells the application that an account is about to go.
	deleting(ctx context.Context, id int64) error
}

// scanned is a user that is read from a row.
type scanned struct {
	targets []any
	finish  func(ctx context.Context) (model any, account *covetmodels.User, name string, err error)
}

// model is users for the application's type U.
type model[U any, P Account[U]] struct {
	db      *database.DB
	options Options[U]

	parse  sync.Once
	schema *schema.Schema
	err    error
}

func (m *model[U, P]) check(ctx context.Context, values Values) (validate.Errors, error) {
	var user U
	return m.fill(ctx, &user, values)
}

func (m *model[U, P]) fill(ctx context.Context, user *U, values Values) (validate.Errors, error) {
	errs := validate.Errors{}
	if m.options.Signup.Fill == nil {
		return errs, nil
	}
	if err := m.options.Signup.Fill(ctx, user, values, errs); err != nil {
		return nil, fmt.Errorf("filling in a new user: %w", err)
	}
	return errs, nil
}

// Threat: mass assignment. The account's columns are set after the application's code has run, and associations are not
// written.
func (m *model[U, P]) create(ctx context.Context, account covetmodels.User, values Values) (covetmodels.User, validate.Errors, error) {
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

func (m *model[U, P]) insert(ctx context.Context, account *covetmodels.User) error {
	var user U
	*P(&user).Account() = *account
	if err := m.db.With(ctx).Omit(clause.Associations).Create(&user).Error; err != nil {
		return fmt.Errorf("creating an account: %w", err)
	}
	*account = *P(&user).Account()
	return nil
}

func (m *model[U, P]) deleting(ctx context.Context, id int64) error {
	if m.options.OnDelete == nil {
		return nil
	}
	var user U
	if err := m.db.With(ctx).First(&user, id).Error; err != nil {
		return fmt.Errorf("loading user %d: %w", id, err)
	}
	return m.options.OnDelete(ctx, user)
}

// scan reads columns as GORM does: by the schema of the model, dropping those that it does not have.
func (m *model[U, P]) scan(ctx context.Context, columns []string) (*scanned, error) {
	m.parse.Do(func() {
		statement := gorm.Statement{DB: m.db.With(ctx)}
		m.err = statement.Parse(new(U))
		m.schema = statement.Schema
	})
	if m.err != nil {
		return nil, fmt.Errorf("reading the model of users: %w", m.err)
	}
	fields := make([]*schema.Field, len(columns))
	s := &scanned{targets: make([]any, len(columns))}
	for i, column := range columns {
		if field := m.schema.LookUpField(column); field != nil && field.Readable {
			fields[i], s.targets[i] = field, field.NewValuePool.Get()
		} else {
			s.targets[i] = new(any)
		}
	}
	s.finish = func(ctx context.Context) (any, *covetmodels.User, string, error) {
		user := new(U)
		value := reflect.ValueOf(user).Elem()
		for i, field := range fields {
			if field == nil {
				continue
			}
			if err := field.Set(ctx, value, s.targets[i]); err != nil {
				return nil, nil, "", fmt.Errorf("reading %s of a user: %w", field.Name, err)
			}
			field.NewValuePool.Put(s.targets[i])
		}
		var name string
		if named, ok := any(user).(Named); ok {
			name = named.ActorName()
		}
		return user, P(user).Account(), name, nil
	}
	return s, nil
}
