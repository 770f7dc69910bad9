// Package dev holds the pages that only developers see: the error page with
// cause, stack and request, and the inbox of captured mails below /dev/mail. The
// kernel shows them in development and nowhere else. Its plain error page is for
// applications that have none of their own.
package dev

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/mail"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// Register adds the pages below /dev. The inbox exists if mails are captured.
func Register(e *echo.Echo, inbox *mail.Folder) {
	g := e.Group("/dev", LocalOnly)
	if inbox == nil {
		return
	}
	h := &mailPages{inbox: inbox}
	g.GET("/mail", h.list)
	g.GET("/mail/:id", h.show)
	g.GET("/mail/:id/html", h.html)
	g.POST("/mail/clear", h.clear)
}

// LocalOnly answers only requests of this machine.
func LocalOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !Local(c.Request()) {
			return problem.Forbidden("Pages below /dev answer on this machine only, by the name localhost.")
		}
		return next(c)
	}
}

// Local reports whether a request was sent on this machine, to a name of this machine, by way of nothing but the
// dev server.
//
// Threats: DNS rebinding, by which a site on the internet reads /dev as its own; a peer in the network that writes
// localhost into Host, when the server listens on the network; a tunnel that writes it for the whole internet. The
// dev server says in X-Forwarded-For whose request it passes on, so what is not of this machine shows there. A
// Forwarded header comes from others only.
func Local(r *http.Request) bool {
	if !localHost(r.Host) || len(r.Header["Forwarded"]) > 0 || !loopback(r.RemoteAddr) {
		return false
	}
	for _, values := range r.Header["X-Forwarded-For"] {
		for hop := range strings.SplitSeq(values, ",") {
			address, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil || !address.Unmap().IsLoopback() {
				return false
			}
		}
	}
	return true
}

func loopback(peer string) bool {
	address, err := netip.ParseAddrPort(peer)
	return err == nil && address.Addr().Unmap().IsLoopback()
}

func localHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

type mailPages struct{ inbox *mail.Folder }

func (h *mailPages) list(c echo.Context) error {
	mails, err := h.inbox.List()
	if err != nil {
		return problem.Internal(err)
	}
	return web.Render(c, http.StatusOK, inboxPage(mails, nil))
}

func (h *mailPages) show(c echo.Context) error {
	envelope, err := h.find(c)
	if err != nil {
		return err
	}
	mails, err := h.inbox.List()
	if err != nil {
		return problem.Internal(err)
	}
	return web.Render(c, http.StatusOK, inboxPage(mails, envelope))
}

// html serves the body of a mail for the frame that shows it.
//
// Threat: a mail's body runs scripts or sends forms in the application's name;
// the sandbox gives it an origin of its own, and the policy forbids both.
func (h *mailPages) html(c echo.Context) error {
	envelope, err := h.find(c)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Content-Security-Policy",
		"sandbox; default-src 'none'; img-src data: https: http:; style-src 'unsafe-inline'; frame-ancestors 'self'")
	header.Set("X-Frame-Options", "SAMEORIGIN")
	return c.HTML(http.StatusOK, envelope.HTML)
}

func (h *mailPages) clear(c echo.Context) error {
	if err := h.inbox.Clear(); err != nil {
		return problem.Internal(err)
	}
	return web.Redirect(c, "/dev/mail")
}

func (h *mailPages) find(c echo.Context) (*mail.Envelope, error) {
	envelope, err := h.inbox.Find(c.Param("id"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem.NotFound("This mail is gone.")
	}
	if err != nil {
		return nil, problem.Internal(err)
	}
	return envelope, nil
}
