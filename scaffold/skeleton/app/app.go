// Package app is the composition root of Covet App: it lists all parts of the
// application and connects them.
package app

import (
	covet "github.com/covetgo/covet/app"
	// covet:if api
	"github.com/covetgo/covet/app/api"
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
	"github.com/covetgo/covet/scaffold/skeleton/app/contact"
	"github.com/covetgo/covet/scaffold/skeleton/app/seeds"
	"github.com/covetgo/covet/scaffold/skeleton/app/views"
	"github.com/covetgo/covet/scaffold/skeleton/config"
	"github.com/covetgo/covet/scaffold/skeleton/jobs"
	"github.com/covetgo/covet/scaffold/skeleton/migrations"
)

// New creates the application that cfg describes. It does not connect to anything.
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
		Migrations: migrations.Source(),
		Seeds:      seeds.All(),
		Assets:     assets.Bundle,
		ErrorPage:  views.Error,
	})
	if err != nil {
		return nil, err
	}
	jobs.Register(a.Jobs, jobs.Deps{DB: a.DB, Mail: a.Mail, Log: a.Log, Team: cfg.Contact.To, Keep: cfg.Contact.Keep})
	// covet:if auth
	people := accounts(cfg.Auth)
	// covet:end
	err = a.Use(
		// covet:if auth
		people,
		// covet:end
		// covet:if admin
		panel(cfg.Admin, people),
		// covet:end
		// covet:if api
		api.New(cfg.API, api.Options{}),
		// covet:end
	)
	if err != nil {
		return nil, err
	}
	contact.Routes(a, cfg.Contact)
	routes(a)
	return a, nil
}
