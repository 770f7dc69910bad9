package app

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/internal/dev"
)

// Welcome returns what the home page of a new application shows: where the admin, the API's documentation and captured
// mails are, as far as the application has them, and in development the first commands. It is the content of a page,
// in the application's own layout.
func (a *App) Welcome() templ.Component {
	paths := map[string]bool{}
	for _, route := range a.Echo.Routes() {
		if route.Method == http.MethodGet {
			paths[route.Path] = true
		}
	}
	return dev.WelcomePage(dev.Welcome{App: a.Config.App.Name, Paths: paths, Local: a.Config.Development()})
}
