package realworld

import (
	"context"
	"time"

	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// output is a response with a body.
type output[T any] struct{ Body T }

type users struct {
	db       *database.DB
	accounts *auth.Module
}

// CurrentUser is the account of the user who sends the request, with an access token for the next ones.
type CurrentUser struct {
	Email    string `json:"email"`
	Token    string `json:"token"`
	Username string `json:"username"`
	Bio      string `json:"bio"`
	Image    string `json:"image"`
}

func newCurrentUser(user *User, token string) *output[CurrentUser] {
	return &output[CurrentUser]{CurrentUser{user.Email, token, user.Username, user.Bio, user.Image}}
}

// Registration is a new account.
type Registration struct {
	Username string `json:"username" required:"true" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" unique:"users.username"`
	Email    string `json:"email" required:"true" format:"email" maxLength:"254"`
	Password string `json:"password" required:"true" format:"password"`
}

type registerInput struct{ Body Registration }

func (u *users) register(ctx context.Context, in *registerInput) (*output[CurrentUser], error) {
	now := time.Now()
	user := User{
		User:     covetmodels.User{Email: in.Body.Email, EmailVerifiedAt: &now}, // the specification confirms no address
		Username: in.Body.Username,
	}
	if err := u.accounts.CreateAccount(ctx, &user, in.Body.Password); err != nil {
		return nil, err
	}
	return u.withToken(ctx, &user)
}

// withToken returns the account with a new access token.
func (u *users) withToken(ctx context.Context, user *User) (*output[CurrentUser], error) {
	token, err := u.accounts.IssueToken(ctx, &user.User, auth.NewToken{Name: "Conduit", Scopes: []string{"*"}, LogIn: true})
	if err != nil {
		return nil, err
	}
	return newCurrentUser(user, token), nil
}

type loginInput struct {
	Body struct {
		Email    string `json:"email" required:"true"`
		Password string `json:"password" required:"true" format:"password"`
	}
}

func (u *users) login(ctx context.Context, in *loginInput) (*output[CurrentUser], error) {
	account, err := u.accounts.Authenticate(ctx, auth.Credentials{Email: in.Body.Email, Password: in.Body.Password})
	if err != nil {
		return nil, err
	}
	user, err := u.find(ctx, account.ID)
	if err != nil {
		return nil, err
	}
	return u.withToken(ctx, user)
}

func (u *users) find(ctx context.Context, id int64) (*User, error) {
	var user User
	return &user, u.db.With(ctx).First(&user, id).Error
}

type currentInput struct{ api.Actor }

func (u *users) current(ctx context.Context, in *currentInput) (*output[CurrentUser], error) {
	user, err := u.find(ctx, in.UserID())
	if err != nil {
		return nil, err
	}
	token, _ := identity.Token(ctx)
	return newCurrentUser(user, token), nil
}

type updateUserInput struct {
	api.Actor
	Body struct {
		Username *string `json:"username" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$"`
		Email    *string `json:"email" format:"email" maxLength:"254"`
		Password *string `json:"password" minLength:"1" format:"password"`
		Bio      *string `json:"bio" maxLength:"1000"`
		Image    *string `json:"image" maxLength:"2000"`
	}
}

func (u *users) update(ctx context.Context, in *updateUserInput) (*output[CurrentUser], error) {
	user, err := u.find(ctx, in.UserID())
	if err != nil {
		return nil, err
	}
	for field, value := range map[*string]*string{
		&user.Username: in.Body.Username, &user.Bio: in.Body.Bio, &user.Image: in.Body.Image,
	} {
		if value != nil {
			*field = *value
		}
	}
	err = u.db.Transaction(ctx, func(ctx context.Context) error {
		if err := u.db.With(ctx).Select("Username", "Bio", "Image").Updates(user).Error; err != nil {
			return err
		}
		if in.Body.Email != nil && *in.Body.Email != user.Email {
			if err := u.accounts.SetEmail(ctx, &user.User, *in.Body.Email); err != nil {
				return err
			}
		}
		if in.Body.Password != nil {
			return u.accounts.SetPassword(ctx, &user.User, *in.Body.Password)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return u.withToken(ctx, user)
}
