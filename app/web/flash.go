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
	flashMaxSize = 2048 // browsers limit a cookie to 4096 bytes
)

type flashKey struct{}

// Flash stores a message for the next page of this browser, usually the target of a redirect. It is sent in a signed
// cookie, escaped like any text, and shown once. A message above two kilobytes is an error.
//
// Threat: another site or a subdomain sets a message of this application.
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

// Flashes returns the message for this page, or "". Call it in a component.
func Flashes(ctx context.Context) string {
	message, _ := ctx.Value(flashKey{}).(string)
	return message
}

// withFlashes removes the message from the request's cookie.
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
