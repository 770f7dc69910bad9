// covet:file admin

package app

import (
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/auth"

	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// panel is the admin of your models and of the accounts. Register each of your models here.
func panel(cfg admin.Config, people *auth.Module) *admin.Module {
	p := admin.New(cfg, admin.Options{})
	admin.Register(p, admin.Resource[models.Message]{
		List:     []string{"Name", "Email", "NotifiedAt", "CreatedAt"},
		Search:   []string{"Name", "Email", "Body"},
		Filters:  []string{"NotifiedAt", "CreatedAt"},
		ReadOnly: []string{"NotifiedAt"},
		Forbid:   []string{"create"},
	})
	admin.Accounts[models.User](p, admin.AccountsOptions[models.User]{
		List:    []string{"Email", "DisplayName", "EmailVerifiedAt", "DisabledAt", "CreatedAt"},
		Manager: people,
	})
	return p
}
