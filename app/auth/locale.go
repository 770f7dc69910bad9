package auth

import (
	"context"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// WithLocaleOf returns ctx with the language and the time zone of a user, for a mail or another text that they read. What
// they have not set, or the application does not have, stays as it is in ctx.
func (m *Module) WithLocaleOf(ctx context.Context, user *covetmodels.User) context.Context {
	locale := m.app.Catalogue().LocaleOf(ctx)
	if own, has := locale.Named(user.Language); has {
		locale = own
	}
	if zone, known := text.Zone(user.TimeZone); known {
		locale = locale.In(zone)
	}
	return text.WithLocale(ctx, locale)
}

// SetLocale sets the language and the time zone of a user; each may be empty for that of the browser. It returns a
// problem (422) for a language that the application does not have, and for a name that is not an IANA time zone.
func (m *Module) SetLocale(ctx context.Context, user *covetmodels.User, language, zone string) error {
	if err := m.checkLocale(ctx, language, zone).Err(); err != nil {
		return err
	}
	return m.apply(ctx, account.Change{Kind: account.LocaleChanged, Account: user, Language: language, TimeZone: zone})
}

func (m *Module) checkLocale(ctx context.Context, language, zone string) validate.Errors {
	errs := validate.Errors{}
	if language != "" && !slices.Contains(m.app.Catalogue().Languages(), language) {
		errs.Add("language", texts.T(ctx, "locale.language_unknown"))
	}
	if _, known := text.Zone(zone); zone != "" && !known {
		errs.Add("time_zone", texts.T(ctx, "locale.zone_unknown"))
	}
	return errs
}

// signupLanguage returns the language that a sign-up with ctx stores: none if the application has only one.
func (m *Module) signupLanguage(ctx context.Context) string {
	if len(m.app.Catalogue().Languages()) == 1 {
		return ""
	}
	return m.app.Catalogue().LocaleOf(ctx).Language()
}

func (m *Module) localeInputs(ctx context.Context, form localeForm, errs validate.Errors) []ui.Input {
	var inputs []ui.Input
	if languages := m.app.Catalogue().Languages(); len(languages) > 1 {
		options := []ui.Option{{Label: texts.T(ctx, "locale.language_auto")}}
		for _, language := range languages {
			options = append(options, ui.Option{Value: language, Label: text.Name(ctx, language)})
		}
		inputs = append(inputs, ui.Input{
			Label: texts.T(ctx, "locale.language"), Name: "language", Type: "select", Value: form.Language,
			Hint: texts.T(ctx, "locale.language_hint"), Options: options, Error: errs["language"],
		})
	}
	return append(inputs, ui.Input{
		Label: texts.T(ctx, "locale.zone"), Name: "time_zone", Type: "select", Value: form.TimeZone,
		Hint: texts.T(ctx, "locale.zone_hint"), Options: zoneOptions(ctx, form.TimeZone), Error: errs["time_zone"],
	})
}

// zoneOptions returns the time zones to choose from, and the current one if it is not among them, such as an alias.
func zoneOptions(ctx context.Context, current string) []ui.Option {
	zones := text.Zones()
	if _, known := text.Zone(current); known && !slices.Contains(zones, current) {
		zones = append([]string{current}, zones...)
	}
	options := []ui.Option{{Label: texts.T(ctx, "locale.zone_auto")}}
	for _, zone := range zones {
		options = append(options, ui.Option{Value: zone, Label: strings.ReplaceAll(zone, "_", " ")})
	}
	return options
}
