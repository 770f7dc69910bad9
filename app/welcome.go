package app

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/internal/dev"
)

// Welcome returns the content of a new application's home page: links to the admin, the API documentation and captured
// mails, if the application has them, and in development the first commands. Render it in the application's own layout.
func (a *App) Welcome() templ.Component {
	paths := map[string]bool{}
	for _, route := range a.Echo.Routes() {
		if route.Method == http.MethodGet {
			paths[route.Path] = true
		}
	}
	return dev.WelcomePage(dev.Welcome{App: a.Config.App.Name, Paths: paths, Local: a.Config.Development()})
}
