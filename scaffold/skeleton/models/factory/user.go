// covet:file auth

package factory

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"

	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// User stores a user with a unique address and without a password, who cannot sign in:
//
//	ada, err := factory.User(ctx, db, func(user *models.User) { user.DisplayName = "Ada" })
func User(ctx context.Context, db *database.DB, changes ...func(*models.User)) (*models.User, error) {
	user := &models.User{
		User:        covetmodels.User{Email: Unique("user") + "@example.com"},
		DisplayName: "Test User",
	}
	for _, change := range changes {
		change(user)
	}
	if err := db.With(ctx).Create(user).Error; err != nil {
		return nil, fmt.Errorf("storing a user: %w", err)
	}
	return user, nil
}
