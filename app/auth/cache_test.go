package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/apptest"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// Whatever takes a right away counts for the next request, although the cache remembers for a minute: by a model, by
// SQL, in a transaction, and with a request in between that still sees the old row.
func TestWritesCountAtOnce(t *testing.T) {
	t.Parallel()
	type step = func(t *testing.T, a *apptest.App, ctx context.Context, user models.User) error
	now := time.Now()
	writes := map[string]step{
		"model": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Model(&user).Update("disabled_at", now).Error
		},
		"table by name": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Table("users").Where("id = ?", user.ID).Update("disabled_at", now).Error
		},
		"table by another name": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Table("users AS u").Where("id = ?", user.ID).Updates(map[string]any{"disabled_at": now}).Error
		},
		"SQL": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Exec("/* by hand */ UPDATE users SET disabled_at = ? WHERE id = ?", now, user.ID).Error
		},
		"sessions": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Where("user_id = ?", user.ID).Delete(&covetmodels.Session{}).Error
		},
		"user": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Delete(&user).Error
		},
		"role of the user": func(_ *testing.T, a *apptest.App, ctx context.Context, user models.User) error {
			return a.DB.With(ctx).Model(&user).Association("Roles").Clear()
		},
		"permission of the role": func(_ *testing.T, a *apptest.App, ctx context.Context, _ models.User) error {
			return a.DB.With(ctx).Where("1 = 1").Delete(&covetmodels.RolePermission{}).Error
		},
	}
	// SQLite stands for the others where the dialect makes no difference.
	dialects := map[string]string{"table by another name": "mysql", "table by name": "sqlite", "SQL": "sqlite", "user": "sqlite", "sessions": "postgres"}
	for database, url := range databases {
		for name, write := range writes {
			if want, ok := dialects[name]; ok && want != database {
				continue
			}
			for _, way := range []string{"alone", "transaction", "GORM's transaction"} {
				if way == "GORM's transaction" && name != "model" {
					continue
				}
				t.Run(database+"/"+name+"/"+way, func(t *testing.T) {
					t.Parallel()
					a := start(t, apptest.Set("database.url", url(t)), apptest.Set("auth.session_cache", "1m"))
					guarded(a)
					user := account(t, a, "ada@example.com")
					giveAdmin(t, a, user.ID)
					browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
					browser.get("/posts").must(http.StatusOK)
					ctx := t.Context()
					var err error
					switch way {
					case "alone":
						err = write(t, a, ctx, user)
					case "transaction":
						err = a.DB.Transaction(ctx, func(ctx context.Context) error {
							err := write(t, a, ctx, user)
							browser.get("/posts").must(http.StatusOK) // not committed yet
							return err
						})
					default:
						err = a.DB.With(ctx).Transaction(func(tx *gorm.DB) error {
							err := tx.Model(&covetmodels.User{}).Where("id = ?", user.ID).Update("disabled_at", now).Error
							browser.get("/posts").must(http.StatusOK)
							return err
						})
					}
					if err != nil {
						t.Fatal(err)
					}
					if got := browser.get("/posts").StatusCode; got == http.StatusOK {
						t.Error("the cache did not notice")
					}
				})
			}
		}
	}
}

// A transaction that is rolled back changes nothing, for the cache neither.
func TestRollBack(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("auth.session_cache", "1m"))
	guarded(a)
	user := account(t, a, "ada@example.com")
	browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	undone := errors.New("undone")
	err := a.DB.Transaction(t.Context(), func(ctx context.Context) error {
		return errors.Join(a.DB.With(ctx).Model(&user).Update("disabled_at", time.Now()).Error, undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	browser.get("/closed").must(http.StatusOK)
}
