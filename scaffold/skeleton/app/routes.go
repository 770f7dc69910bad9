package app

import (
	"net/http"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	// covet:if api
	"github.com/covetgo/covet/app/api"
	// covet:end
	// covet:if auth
	"github.com/covetgo/covet/app/auth"
	// covet:end
	"github.com/covetgo/covet/app/web"

	// covet:if api
	"github.com/covetgo/covet/scaffold/skeleton/app/about"
	// covet:end
	// covet:if auth
	"github.com/covetgo/covet/scaffold/skeleton/app/profile"
	// covet:end
	"github.com/covetgo/covet/scaffold/skeleton/app/views"
)

// routes registers the pages and endpoints that need no configuration.
func routes(a *covet.App) {
	e := a.Echo
	e.GET("/", func(c echo.Context) error {
		return web.Render(c, http.StatusOK, views.Home(a.Welcome()))
	})
	// covet:if auth

	person := profile.New(a.DB)
	e.GET("/profile", person.Show, auth.RequiredSession())
	e.POST("/profile", person.Save, auth.RequiredSession())
	// covet:end
	// covet:if api

	self := about.New(a.Config.App.Name)
	api.Get(a, "/status", self.Status, api.Summary("Which application this is"))
	// covet:if auth
	api.Get(a, "/me", self.Me, api.Summary("Who you are"), api.AnyScope())
	// covet:end
	// covet:end
}
