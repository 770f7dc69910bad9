// Package app composes Covet App: every part of the application is named here,
// and nowhere else do parts find each other.
package app

import (
	covet "github.com/covetgo/covet/app"
	// covet:if auth
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/page"
	// covet:end
	"github.com/covetgo/covet/app/database"
	// covet:if mysql
	"github.com/covetgo/covet/app/database/mysql"
	// covet:end
	// covet:if postgres
	"github.com/covetgo/covet/app/database/postgres"
	// covet:end
	// covet:if sqlite
	"github.com/covetgo/covet/app/database/sqlite"
	// covet:end

	"github.com/covetgo/covet/scaffold/skeleton/app/assets"
	// covet:if auth
	"github.com/covetgo/covet/scaffold/skeleton/app/profile"
	// covet:end
	"github.com/covetgo/covet/scaffold/skeleton/app/views"
	"github.com/covetgo/covet/scaffold/skeleton/config"
	"github.com/covetgo/covet/scaffold/skeleton/jobs"
	"github.com/covetgo/covet/scaffold/skeleton/migrations"
	// covet:if auth
	"github.com/covetgo/covet/scaffold/skeleton/models"
	// covet:end
)

// New makes the application that cfg describes. It connects to nothing yet.
func New(cfg config.Config) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{
		Drivers: []database.Driver{
			// covet:if sqlite
			sqlite.Driver{},
			// covet:end
			// covet:if postgres
			postgres.Driver{},
			// covet:end
			// covet:if mysql
			mysql.Driver{},
			// covet:end
		},
		Migrations: migrations.Line(),
		Assets:     assets.Bundle,
		ErrorPage:  views.Error,
	})
	if err != nil {
		return nil, err
	}
	// covet:if auth
	err = a.Use(auth.New[models.User](cfg.Auth, auth.Options[models.User]{
		Layout:   views.Layout,
		Policies: policies(),
		Signup:   profile.Signup(),
		Links:    []page.Link{{Path: "/profile", Title: "Profile", Text: "How others see you."}},
	}))
	if err != nil {
		return nil, err
	}
	// covet:end
	jobs.Register(a.Jobs, jobs.Deps{DB: a.DB, Mail: a.Mail, Log: a.Log, Team: cfg.Contact.To, Keep: cfg.Contact.Keep})
	routes(a)
	return a, nil
}
