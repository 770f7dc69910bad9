package auth

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// An access token is tokenPrefix, tokenLength random characters of base32 (260 bits), and a checksum of both: scanners
// of source code know it for sure, and a typing error costs no query.
const (
	tokenPrefix = "covet_pat_"
	tokenLength = 52
	maxTokens   = 50 // of one account
)

func newAccessToken() string {
	body := tokenPrefix + rand.Text() + rand.Text()
	return body + checksum(body)
}

func checksum(text string) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], crc32.ChecksumIEEE([]byte(text)))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])
}

// wellFormed reports whether text can be an access token.
func wellFormed(text string) bool {
	const body = len(tokenPrefix) + tokenLength
	return len(text) == body+7 && strings.HasPrefix(text, tokenPrefix) && checksum(text[:body]) == text[body:]
}

type tokenForm struct {
	Name    string `form:"name" required:"true" maxLength:"100"`
	Scopes  string `form:"scopes" required:"true" maxLength:"1000"`
	Expires string `form:"expires" enum:"30,90,365,never"`
	Current string `form:"password" trim:"false" required:"true"`
}

// Validate checks the scopes.
func (f *tokenForm) Validate(_ context.Context, errs validate.Errors) error {
	for scope := range strings.FieldsSeq(f.Scopes) {
		if err := identity.CheckPermission(scope); err != nil {
			errs.Add("scopes", "Write scopes as posts.read, posts.* or *, separated by spaces.")
		}
	}
	return nil
}

func (f *tokenForm) expiry(at time.Time) *time.Time {
	if f.Expires == "never" {
		return nil
	}
	days, err := strconv.Atoi(f.Expires)
	if err != nil {
		days = 30
	}
	end := at.AddDate(0, 0, days)
	return &end
}

func (m *Module) showTokens(c echo.Context) error { return m.tokensPage(c, tokenForm{}, nil, "") }

func (m *Module) tokensPage(c echo.Context, form tokenForm, errs validate.Errors, created string) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	rows, err := m.tokensOf(c.Request().Context(), p.account.ID)
	if err != nil {
		return err
	}
	shown := page.Tokens{Created: created, Form: page.Form{
		Base: m.base(), Action: accountPath + "/tokens", Email: p.account.Email, Inputs: m.tokenInputs(form, errs),
	}}
	at := now()
	for _, row := range rows {
		shown.Tokens = append(shown.Tokens, page.Token{
			ID: row.ID, Name: row.Name, Hint: row.Hint, Scopes: row.Scopes, Created: row.CreatedAt,
			LastUsed: row.LastUsedAt, Expires: row.ExpiresAt, Expired: row.ExpiresAt != nil && !at.Before(*row.ExpiresAt),
		})
	}
	status := http.StatusOK
	if len(errs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(c, status, m.views.Tokens(shown))
}

func (m *Module) tokensOf(ctx context.Context, userID int64) ([]covetmodels.AccessToken, error) {
	var rows []covetmodels.AccessToken
	err := m.app.DB.With(ctx).Where("user_id = ? AND revoked_at IS NULL", userID).
		Order("created_at DESC, id DESC").Limit(maxListed).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("listing access tokens: %w", err)
	}
	return rows, nil
}

func (m *Module) tokenInputs(form tokenForm, errs validate.Errors) []ui.Input {
	return []ui.Input{
		{Label: m.text("tokens.name"), Name: "name", Value: form.Name, Hint: m.text("tokens.name_hint"), Autocomplete: "off", Required: true, Error: errs["name"]},
		{Label: m.text("tokens.scopes"), Name: "scopes", Value: form.Scopes, Hint: m.text("tokens.scope_hint"), Autocomplete: "off", Required: true, Error: errs["scopes"]},
		{Label: m.text("tokens.expires"), Name: "expires", Type: "select", Value: form.Expires, Required: true, Error: errs["expires"], Options: []ui.Option{
			{Value: "30", Label: m.text("tokens.days_30")},
			{Value: "90", Label: m.text("tokens.days_90")},
			{Value: "365", Label: m.text("tokens.days_365")},
			{Value: "never", Label: m.text("tokens.never")},
		}},
		m.currentInput("current.label", errs),
	}
}

// createToken answers POST /account/tokens with a page that shows the token this once.
func (m *Module) createToken(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	var form tokenForm
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	rows, err := m.tokensOf(ctx, p.account.ID)
	if err != nil {
		return err
	}
	if len(rows) >= maxTokens {
		errs.Add("name", m.text("tokens.too_many"))
	}
	if err := m.reenter(ctx, p, form.Current, errs); err != nil {
		return err
	}
	if len(errs) > 0 {
		return m.tokensPage(c, form, errs, "")
	}
	token := newAccessToken()
	if err := m.storeToken(ctx, p, &form, token); err != nil {
		return err
	}
	return m.tokensPage(c, tokenForm{}, nil, token)
}

func (m *Module) storeToken(ctx context.Context, p *person, form *tokenForm, token string) error {
	at := now()
	row := covetmodels.AccessToken{
		UserID: p.account.ID, Name: form.Name, TokenHash: hashToken(token), Hint: token[:len(tokenPrefix)+4],
		Scopes: strings.Join(strings.Fields(form.Scopes), " "), CreatedAt: at, ExpiresAt: form.expiry(at),
	}
	return m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		if err := m.app.DB.With(ctx).Create(&row).Error; err != nil {
			return fmt.Errorf("storing an access token: %w", err)
		}
		if err := m.notify(ctx, "token", p.account.Email); err != nil {
			return err
		}
		return m.app.Audit.Record(ctx, audit.Event{
			Action: "token.create", Subject: audit.Subject("covet_access_tokens", row.ID),
			Detail: map[string]any{"name": row.Name, "scopes": row.Scopes},
		})
	})
}

// revokeToken answers POST /account/tokens/:id/revoke.
//
// Threat: somebody revokes the token of another by its number. It is theirs, or it does not exist.
func (m *Module) revokeToken(c echo.Context) error {
	p, id, err := mine(c)
	if err != nil {
		return err
	}
	err = m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		revoked := m.app.DB.With(ctx).Model(&covetmodels.AccessToken{}).
			Where("id = ? AND user_id = ? AND revoked_at IS NULL", id, p.account.ID).Update("revoked_at", now())
		if revoked.Error != nil {
			return fmt.Errorf("revoking an access token: %w", revoked.Error)
		}
		if revoked.RowsAffected == 0 {
			return problem.NotFound("There is no such token.")
		}
		return m.app.Audit.Record(ctx, audit.Event{Action: "token.revoke", Subject: audit.Subject("covet_access_tokens", id)})
	})
	if err != nil {
		return err
	}
	return m.done(c, "tokens.revoked", accountPath+"/tokens")
}
