package auth

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	covetmodels "github.com/covetgo/covet/models"
)

// maxListed bounds the lists of an account.
const maxListed = 100

func (m *Module) showSessions(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	var rows []covetmodels.Session
	err = m.app.DB.With(c.Request().Context()).
		Where("user_id = ?", p.account.ID).Order("last_seen_at DESC, id DESC").Limit(maxListed).Find(&rows).Error
	if err != nil {
		return fmt.Errorf("listing sessions: %w", err)
	}
	shown, at := page.Sessions{Base: m.base()}, now()
	for _, row := range rows {
		if m.sessionGood(&row, at) {
			shown.Sessions = append(shown.Sessions, page.Session{
				ID: row.ID, Device: describeDevice(row.UserAgent), Address: row.Address,
				SignedIn: row.SignedInAt, LastSeen: row.LastSeenAt, Current: row.ID == p.session.ID,
			})
		}
	}
	return web.Render(c, http.StatusOK, m.views.Sessions(shown))
}

// endSession answers POST /account/sessions/:id/end.
//
// Threat: somebody ends the session of another by its number. It is theirs, or it does not exist.
func (m *Module) endSession(c echo.Context) error {
	p, id, err := mine(c)
	if err != nil {
		return err
	}
	err = m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		ended := m.app.DB.With(ctx).Where("id = ? AND user_id = ?", id, p.account.ID).Delete(&covetmodels.Session{})
		if ended.Error != nil {
			return fmt.Errorf("ending a session: %w", ended.Error)
		}
		if ended.RowsAffected == 0 {
			return problem.NotFound("There is no such session.")
		}
		return m.record(ctx, "auth.session_end", p.account, map[string]any{"session": id})
	})
	if err != nil {
		return err
	}
	if id == p.session.ID {
		c.SetCookie(m.expired(sessionName))
		return m.done(c, "logout.done", "/")
	}
	return m.done(c, "sessions.ended", accountPath+"/sessions")
}

// mine returns who asks, and the number in the address.
func mine(c echo.Context) (*person, int64, error) {
	p, err := me(c)
	if err != nil {
		return nil, 0, err
	}
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return nil, 0, problem.NotFound("").WithCause(err)
	}
	return p, id, nil
}

func (m *Module) endOtherSessions(c echo.Context) error {
	p, err := me(c)
	if err != nil {
		return err
	}
	err = m.app.DB.Transaction(c.Request().Context(), func(ctx context.Context) error {
		n, err := m.endSessions(ctx, p.account.ID, p.session.ID)
		if err != nil {
			return err
		}
		return m.record(ctx, "auth.session_end", p.account, map[string]any{"others": n})
	})
	if err != nil {
		return err
	}
	return m.done(c, "sessions.ended", accountPath+"/sessions")
}

// describeDevice says in a few words what a User-Agent header says in many: "Firefox on Linux". It is a hint for its
// owner; anybody can send anything.
func describeDevice(userAgent string) string {
	browser, system := first(userAgent, browsers), first(userAgent, systems)
	switch {
	case browser == "" && system == "":
		return "Unknown device"
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

type named struct{ sign, name string }

func first(userAgent string, list []named) string {
	for _, n := range list {
		if strings.Contains(userAgent, n.sign) {
			return n.name
		}
	}
	return ""
}

// The order matters: Edge says that it is Chrome, and Chrome that it is Safari; Android says that it is Linux, and an
// iPhone that it is like a Mac.
var (
	browsers = []named{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"Vivaldi/", "Vivaldi"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
		{"Go-http-client/", "Go"},
		{"Wget/", "Wget"},
	}
	systems = []named{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Mac OS X", "macOS"},
		{"Macintosh", "macOS"},
		{"Linux", "Linux"},
		{"FreeBSD", "FreeBSD"},
	}
)
