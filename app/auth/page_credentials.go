package auth

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
)

// credentialPages are the pages on which users manage their sessions and access tokens.
type credentialPages struct{ *Module }

func (m credentialPages) routes(g *echo.Group) {
	g.GET("/sessions", m.showSessions)
	g.POST("/sessions/end-others", m.endOtherSessions)
	g.POST("/sessions/:id/end", m.endSession)
	g.GET("/tokens", m.showTokens)
	g.POST("/tokens", m.createToken)
	g.POST("/tokens/:id/revoke", m.revokeToken)
}

func (m credentialPages) showSessions(c echo.Context) error {
	holder, user, err := me(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	rows, err := m.Sessions(ctx, user)
	if err != nil {
		return err
	}
	shown := page.Sessions{Base: m.base()}
	for _, row := range rows {
		shown.Sessions = append(shown.Sessions, page.Session{
			ID: row.ID, Device: session.Describe(ctx, row.UserAgent), Address: row.Address,
			SignedIn: row.SignedInAt, LastSeen: row.LastSeenAt, Current: row.ID == holder.Session.ID,
		})
	}
	return web.Render(c, http.StatusOK, m.views.Sessions(shown))
}

// endSession handles POST /account/sessions/:id/end.
//
// Threat: a user ends the session of another by its number. It is theirs, or it does not exist.
func (m credentialPages) endSession(c echo.Context) error {
	holder, user, id, err := mine(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.RevokeSession(ctx, user, id); err != nil {
		return err
	}
	if id == holder.Session.ID {
		m.forget(c)
		return m.done(c, texts.T(ctx, "logout.done"), "/")
	}
	return m.done(c, texts.T(ctx, "sessions.ended"), accountPath+"/sessions")
}

// endOtherSessions handles POST /account/sessions/end-others.
func (m credentialPages) endOtherSessions(c echo.Context) error {
	holder, user, err := me(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.RevokeSessions(ctx, user, holder.Session.ID); err != nil {
		return err
	}
	return m.done(c, texts.T(ctx, "sessions.ended"), accountPath+"/sessions")
}

type tokenForm struct {
	Name    string   `form:"name" required:"true" maxLength:"100"`
	Scopes  []string `form:"scopes" maxItems:"500"`
	Expires string   `form:"expires" enum:"30,90,365,never"`
	Current string   `form:"password" trim:"false" required:"true"`
}

// Validate checks the scopes.
func (f *tokenForm) Validate(ctx context.Context, errs validate.Errors) error {
	for _, scope := range f.Scopes {
		if err := identity.CheckPermission(scope); err != nil {
			errs.Add("scopes", texts.T(ctx, "tokens.scopes_invalid"))
		}
	}
	switch {
	case len(f.Scopes) == 0:
		errs.Add("scopes", texts.T(ctx, "tokens.scopes_none"))
	case len(strings.Join(f.Scopes, " ")) > maxScopes:
		errs.Add("scopes", texts.T(ctx, "tokens.scopes_many"))
	}
	return nil
}

// expiry returns when the token expires; the zero time means never.
func (f *tokenForm) expiry(at time.Time) time.Time {
	if f.Expires == "never" {
		return time.Time{}
	}
	days, err := strconv.Atoi(f.Expires)
	if err != nil {
		days = 30
	}
	return at.AddDate(0, 0, days)
}

func (m credentialPages) showTokens(c echo.Context) error {
	return m.tokensPage(c, tokenForm{}, nil, "")
}

// tokensPage renders the page of the access tokens; created is the token that was just issued, which is shown this
// once.
func (m credentialPages) tokensPage(c echo.Context, form tokenForm, errs validate.Errors, created string) error {
	shown, err := m.tokens(c, form, errs)
	if err != nil {
		return err
	}
	shown.Created = created
	status := http.StatusOK
	if len(errs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(c, status, m.views.Tokens(shown))
}

// refuseToken shows the page again to a user who entered wrong passwords too often. It returns other errors.
func (m credentialPages) refuseToken(c echo.Context, refusal error, form tokenForm) error {
	shown, err := m.tokens(c, form, nil)
	if err != nil {
		return err
	}
	return web.RenderRefusal(c, refusal, func(message string) templ.Component {
		shown.Alert = message
		return m.views.Tokens(shown)
	})
}

// tokens returns what the page of the access tokens shows.
func (m credentialPages) tokens(c echo.Context, form tokenForm, errs validate.Errors) (page.Tokens, error) {
	_, user, err := me(c)
	if err != nil {
		return page.Tokens{}, err
	}
	ctx := c.Request().Context()
	rows, err := m.Tokens(ctx, user)
	if err != nil {
		return page.Tokens{}, err
	}
	shown := page.Tokens{Form: page.Form{
		Base: m.base(), Action: accountPath + "/tokens", Email: user.Email, Inputs: m.tokenInputs(ctx, form, errs),
	}}
	at := time.Now()
	for _, row := range rows {
		shown.Tokens = append(shown.Tokens, page.Token{
			ID: row.ID, Name: row.Name, Hint: row.Hint, Scopes: row.Scopes, Created: row.CreatedAt,
			LastUsed: row.LastUsedAt, Expires: row.ExpiresAt, Expired: row.ExpiresAt != nil && !at.Before(*row.ExpiresAt),
		})
	}
	return shown, nil
}

// scopes returns the scopes that a token can be limited to: all, those that policies decide about, and those that the user
// is permitted.
func (m credentialPages) scopes(ctx context.Context) []ui.Option {
	labels := map[string]string{}
	for _, action := range m.policies.Actions() {
		labels[action] = action
		if subject, all := strings.CutSuffix(action, ".*"); all {
			for _, verb := range []string{"read", "create", "update", "delete"} {
				labels[subject+"."+verb] = subject + "." + verb
			}
		}
	}
	if actor, ok := identity.From(ctx); ok {
		for _, permission := range actor.Permissions {
			labels[permission] = permission
		}
	}
	for _, permission := range m.app.Permissions(ctx) {
		if identity.Can(ctx, permission.Name, nil) {
			labels[permission.Name] = permission.Name
			if permission.Description != "" {
				labels[permission.Name] += ": " + permission.Description
			}
		}
	}
	delete(labels, "*")
	options := []ui.Option{{Value: "*", Label: texts.T(ctx, "tokens.scopes_all")}}
	for _, scope := range slices.Sorted(maps.Keys(labels)) {
		options = append(options, ui.Option{Value: scope, Label: labels[scope]})
	}
	return options
}

func (m credentialPages) tokenInputs(ctx context.Context, form tokenForm, errs validate.Errors) []ui.Input {
	return []ui.Input{
		{
			Label: texts.T(ctx, "tokens.name"), Name: "name", Value: form.Name, Hint: texts.T(ctx, "tokens.name_hint"),
			Autocomplete: "off", Required: true, Error: errs["name"],
		},
		{
			Label: texts.T(ctx, "tokens.scopes"), Name: "scopes", Type: "checkboxes", Values: form.Scopes, Options: m.scopes(ctx),
			Hint: texts.T(ctx, "tokens.scopes_hint"), Error: errs["scopes"],
		},
		{
			Label: texts.T(ctx, "tokens.expires"), Name: "expires", Type: "select", Value: form.Expires,
			Required: true, Error: errs["expires"], Options: []ui.Option{
				{Value: "30", Label: texts.T(ctx, "tokens.days_30")},
				{Value: "90", Label: texts.T(ctx, "tokens.days_90")},
				{Value: "365", Label: texts.T(ctx, "tokens.days_365")},
				{Value: "never", Label: texts.T(ctx, "tokens.never")},
			},
		},
		currentInput(texts.T(ctx, "current.label"), errs),
	}
}

// createToken handles POST /account/tokens with a page that shows the token this once.
func (m credentialPages) createToken(c echo.Context) error {
	_, user, err := me(c)
	if err != nil {
		return err
	}
	var form tokenForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.reenter(ctx, user, form.Current, errs); err != nil {
		return m.refuseToken(c, err, form)
	}
	if len(errs) > 0 {
		return m.tokensPage(c, form, errs, "")
	}
	secret, err := m.IssueToken(ctx, user, NewToken{
		Name: form.Name, Scopes: form.Scopes, ExpiresAt: form.expiry(time.Now()),
	})
	if errors.Is(err, ErrTooManyTokens) {
		return m.tokensPage(c, form, validate.Errors{"name": texts.T(ctx, "tokens.too_many")}, "")
	}
	if err != nil {
		return err
	}
	return m.tokensPage(c, tokenForm{}, nil, secret)
}

// revokeToken handles POST /account/tokens/:id/revoke.
//
// Threat: a user revokes the token of another by its number. It is theirs, or it does not exist.
func (m credentialPages) revokeToken(c echo.Context) error {
	_, user, id, err := mine(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := m.RevokeToken(ctx, user, id); err != nil {
		return err
	}
	return m.done(c, texts.T(ctx, "tokens.revoked"), accountPath+"/tokens")
}
