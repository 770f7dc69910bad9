package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	flashCookie  = "flash"
	flashMaxSize = 2048 // browsers keep 4096 bytes a cookie
)

type flashKey struct{}

// Flash keeps a message for the next page that this browser is shown, usually
// the one that a redirect leads to. It travels in a signed cookie, is escaped
// like any text, and is shown once. A message above two kilobytes is an error.
//
// Threat: another site or a subdomain plants a message in our name.
func Flash(c echo.Context, message string) error {
	r, ok := c.Echo().Renderer.(*Renderer)
	if !ok || len(r.Key) == 0 {
		return errors.New("flashing a message: the renderer has no key; set SECRET_KEY")
	}
	if len(message) > flashMaxSize {
		return errors.New("flashing a message: it is larger than 2 KB")
	}
	encoded := base64.RawURLEncoding.EncodeToString([]byte(message))
	c.SetCookie(r.Cookies.New(flashCookie, encoded+"."+r.sign(encoded), 60))
	return nil
}

// Flashes returns the message kept for this page, or "". Call it in a component.
func Flashes(ctx context.Context) string {
	message, _ := ctx.Value(flashKey{}).(string)
	return message
}

// withFlashes takes the message out of the request's cookie, once.
func withFlashes(c echo.Context) context.Context {
	ctx := c.Request().Context()
	r, ok := c.Echo().Renderer.(*Renderer)
	if !ok || len(r.Key) == 0 {
		return ctx
	}
	value, ok := r.Cookies.Read(c.Request(), flashCookie)
	if !ok {
		return ctx
	}
	c.SetCookie(r.Cookies.New(flashCookie, "", -1))
	encoded, signature, _ := strings.Cut(value, ".")
	message, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || !hmac.Equal([]byte(signature), []byte(r.sign(encoded))) {
		return ctx
	}
	return context.WithValue(ctx, flashKey{}, string(message))
}

func (r *Renderer) sign(text string) string {
	mac := hmac.New(sha256.New, r.Key)
	mac.Write([]byte("flash\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
