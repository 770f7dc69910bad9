package app

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/web"
)

// addTexts adds sets of texts to the catalogue. It returns an error if the application's texts override one that does not
// exist.
func (a *App) addTexts(sets ...*text.Set) error {
	a.texts = append(a.texts, sets...)
	catalogue, err := text.NewCatalogue(a.Config.Text, a.opts.Texts, a.texts...)
	if err != nil {
		return fmt.Errorf("reading the texts: %w", err)
	}
	a.catalogue = catalogue
	return nil
}

// Catalogue returns the languages of the application. Requests and jobs have their locale in the context already; see
// [text.LocaleOf].
func (a *App) Catalogue() *text.Catalogue { return a.catalogue }

// Cookies with the choices of a user, and of their browser.
const (
	languageCookie = "language"
	zoneCookie     = "time_zone"
	// browserZoneCookie is set by the scripts of pages with the time zone of the browser, under this name in every
	// application.
	browserZoneCookie = "browser_time_zone"

	// choiceAge is how long a choice is remembered, in seconds.
	choiceAge = 365 * 24 * 60 * 60
)

// chooseLocale adds the locale of the user to the context of each request: the language that they have chosen, else
// Accept-Language, and the time zone that they have chosen, else the browser's.
func (a *App) chooseLocale(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		chosen, _ := a.Cookies().Read(r, languageCookie)
		locale := a.catalogue.Match(chosen, r.Header.Get("Accept-Language"))
		if zone, known := a.zoneOf(r); known {
			locale = locale.In(zone)
		}
		c.SetRequest(r.WithContext(text.WithLocale(r.Context(), locale)))
		return next(c)
	}
}

// zoneOf returns the time zone that a user has chosen, else the one of their browser.
func (a *App) zoneOf(r *http.Request) (*time.Location, bool) {
	chosen, _ := a.Cookies().Read(r, zoneCookie)
	if zone, known := text.Zone(chosen); known {
		return zone, true
	}
	browser, err := r.Cookie(browserZoneCookie)
	if err != nil {
		return nil, false
	}
	return text.Zone(browser.Value)
}

// RememberLanguage stores the language that a user has chosen in a cookie for a year, for the following requests of this
// browser. An empty language leaves it to Accept-Language; one that the application does not have has no effect.
func (a *App) RememberLanguage(c echo.Context, language string) {
	a.remember(c, languageCookie, language)
}

// RememberTimeZone stores the time zone that a user has chosen, as an IANA name, in a cookie for a year, for the following
// requests of this browser. An empty time zone leaves it to the browser; an unknown one has no effect.
func (a *App) RememberTimeZone(c echo.Context, zone string) { a.remember(c, zoneCookie, zone) }

func (a *App) remember(c echo.Context, name, value string) {
	age := choiceAge
	if value == "" {
		age = -1
	}
	c.SetCookie(a.Cookies().New(name, value, age))
}

// changeLanguage remembers the language that a visitor chooses, and leads back to the page on which they did.
func (a *App) changeLanguage(c echo.Context) error {
	name := c.FormValue("language")
	if _, has := a.catalogue.Locale(name); !has {
		return problem.BadRequest("")
	}
	a.RememberLanguage(c, name)
	back := c.FormValue("back")
	if !web.IsLocal(back) {
		back = "/"
	}
	return web.Redirect(c, back)
}

// localeName returns the locale of a context, for a job.
func (a *App) localeName(ctx context.Context) string { return a.catalogue.LocaleOf(ctx).String() }

// withLocale adds the locale to the context of a job.
func (a *App) withLocale(ctx context.Context, name string) context.Context {
	return text.WithLocale(ctx, a.catalogue.Parse(name))
}
