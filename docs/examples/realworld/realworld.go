// Package realworld is the API of the RealWorld specification (Conduit), a site for articles: an API whose errors,
// envelopes and Authorization scheme are given by others, as docs/api.md describes.
package realworld

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"strings"

	"github.com/a-h/templ"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
	covetmigrations "github.com/covetgo/covet/migrations"
)

// Config is the configuration of the application.
type Config struct {
	covet.Config
	Auth auth.Config
	API  api.Config
}

//go:embed all:migrations
var files embed.FS

// New makes the application. It runs on the databases of drivers.
func New(cfg Config, drivers ...database.Driver) (*covet.App, error) {
	below, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	a, err := covet.New(cfg.Config, covet.Options{
		Drivers: drivers, Migrations: covetmigrations.Source{Name: "realworld", FS: below},
	})
	if err != nil {
		return nil, err
	}
	accounts := auth.New[User](cfg.Auth, auth.Options[User]{Layout: layout})
	err = a.Use(accounts, api.New(cfg.API, api.Options{
		Title:     "Conduit",
		Endpoints: []api.Option{api.ErrorShape(newErrors), api.Scheme("Token")},
	}))
	if err != nil {
		return nil, err
	}
	routes(a, accounts)
	return a, nil
}

func routes(a *covet.App, accounts *auth.Module) {
	users := &users{a.DB, accounts}
	api.Post(a, "/users", users.register, api.Envelope("user"), api.Status(201))
	api.Post(a, "/users/login", users.login, api.Envelope("user"), api.Errors(401))
	api.Get(a, "/user", users.current, api.Envelope("user"))
	api.Put(a, "/user", users.update, api.Envelope("user"))

	profiles := &profiles{a.DB}
	profile := api.NewGroup(a, "/profiles/{username}", api.Envelope("profile"))
	api.Get(profile, "", profiles.show)
	api.Post(profile, "/follow", profiles.follow)
	api.Delete(profile, "/follow", profiles.unfollow)

	articles := &articles{a.DB}
	api.Get(a, "/articles", articles.list)
	api.Get(a, "/articles/feed", articles.feed)
	api.Get(a, "/tags", articles.tags, api.Envelope("tags"))
	article := api.NewGroup(a, "/articles", api.Envelope("article"))
	api.Post(article, "", articles.create, api.Status(201))
	api.Get(article, "/{slug}", articles.show)
	api.Put(article, "/{slug}", articles.update, api.Errors(403))
	api.Delete(article, "/{slug}", articles.delete, api.Errors(403))
	api.Post(article, "/{slug}/favorite", articles.favorite)
	api.Delete(article, "/{slug}/favorite", articles.unfavorite)

	comments := &comments{a.DB}
	api.Get(a, "/articles/{slug}/comments", comments.list, api.Envelope("comments"))
	api.Post(a, "/articles/{slug}/comments", comments.create, api.Envelope("comment"))
	api.Delete(a, "/articles/{slug}/comments/{id}", comments.delete, api.Errors(403))
}

// Errors is how the specification writes every error.
type Errors struct {
	Errors struct {
		Body []string `json:"body" doc:"what is wrong, one sentence for each fault"`
	} `json:"errors"`
}

func newErrors(p *problem.Error) Errors {
	var e Errors
	for _, fault := range p.Fields {
		name := fault.Pointer[strings.LastIndex(fault.Pointer, "/")+1:]
		e.Errors.Body = append(e.Errors.Body, strings.TrimSpace(name+" "+fault.Detail))
	}
	if len(p.Fields) == 0 {
		e.Errors.Body = []string{p.Detail}
	}
	return e
}

// layout frames the pages of accounts, which an API hardly shows.
func layout(title string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := io.WriteString(w, "<!DOCTYPE html><title>"+templ.EscapeString(title)+"</title>"); err != nil {
			return err
		}
		return templ.GetChildren(ctx).Render(templ.ClearChildren(ctx), w)
	})
}
