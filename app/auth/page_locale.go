package auth

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
)

// localePages is the page on which users choose their language and time zone.
type localePages struct{ *Module }

func (m localePages) routes(g *echo.Group) {
	g.GET("/locale", m.showLocale)
	g.POST("/locale", m.changeLocale)
}

// localeForm has the names of a language and a time zone; empty means those of the browser.
type localeForm struct {
	Language string `form:"language"`
	TimeZone string `form:"time_zone"`
}

func (m localePages) showLocale(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	form := localeForm{Language: user.Language, TimeZone: user.TimeZone}
	return m.show(c, m.views.Locale, m.localePage(c.Request().Context(), form, nil))
}

func (m localePages) localePage(ctx context.Context, form localeForm, errs validate.Errors) page.Form {
	return page.Form{Action: accountPath + "/locale", Inputs: m.localeInputs(ctx, form, errs)}
}

// changeLocale handles POST /account/locale. The next page is in the new language.
func (m localePages) changeLocale(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	var form localeForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if len(errs) == 0 {
		errs = m.checkLocale(ctx, form.Language, form.TimeZone)
	}
	if len(errs) > 0 {
		return m.show(c, m.views.Locale, m.localePage(ctx, form, errs))
	}
	if err := m.SetLocale(ctx, user, form.Language, form.TimeZone); err != nil {
		return err
	}
	m.app.RememberLanguage(c, user.Language)
	m.app.RememberTimeZone(c, user.TimeZone)
	return m.done(c, texts.T(m.WithLocaleOf(ctx, user), "locale.done"), accountPath)
}
