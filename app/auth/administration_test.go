package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

func moduleOf(t *testing.T, a *apptest.App) *auth.Module {
	t.Helper()
	for _, module := range a.Modules() {
		if m, ok := module.(*auth.Module); ok {
			return m
		}
	}
	t.Fatal("the application has no accounts")
	return nil
}

func TestSendPasswordLink(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		m, disabled := moduleOf(t, a), time.Now()
		account(t, a, "ada@example.com")
		account(t, a, "ended@example.com", func(u *models.User) { u.DisabledAt = &disabled })
		for _, email := range []string{" Ada@Example.com", "ended@example.com", "nobody@example.com"} {
			if err := m.SendPasswordLink(t.Context(), email); err != nil {
				t.Fatal(err)
			}
		}
		q := linkOf(t, a, "/password/reset", "a wholly new password")
		if mails := a.Mails(); len(mails) != 1 || mails[0].To[0].Address != "ada@example.com" {
			t.Errorf("%d mails were sent: %v", len(mails), mails)
		}
		bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
		bareOf(t, a).logIn("ada@example.com", "a wholly new password").must(http.StatusSeeOther)
	})
}

// What is undone sends no mail.
func TestSendPasswordLinkInTransaction(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, a *apptest.App) {
		account(t, a, "ada@example.com")
		undo := errors.New("undone")
		err := a.DB.Transaction(t.Context(), func(ctx context.Context) error {
			return errors.Join(moduleOf(t, a).SendPasswordLink(ctx, "ada@example.com"), undo)
		})
		a.DrainJobs()
		if !errors.Is(err, undo) || len(a.Mails()) != 0 {
			t.Errorf("%v, and %d mails", err, len(a.Mails()))
		}
	})
}
