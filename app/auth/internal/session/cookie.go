package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/web"
)

const (
	sessionCookie  = "session"
	deviceCookie   = "device"
	deviceLifetime = 365 * 24 * time.Hour
	// maxCookie is longer than any value that this package sends.
	maxCookie = 200
)

// Cookies reads and makes the cookies of a browser.
type Cookies struct {
	web web.Cookies
	key []byte
}

// NewCookies returns the cookies of an application. The key signs the device cookie.
func NewCookies(cookies web.Cookies, key []byte) Cookies { return Cookies{web: cookies, key: key} }

// Session returns the secret of the session that the browser sent, or "".
func (c Cookies) Session(r *http.Request) string { return c.Value(r, sessionCookie) }

// NewSession returns the cookie of a session, as [Store.Begin] describes it.
func (c Cookies) NewSession(secret string, maxAge int) *http.Cookie {
	return c.web.New(sessionCookie, secret, maxAge)
}

// EndSession returns the cookie that removes the session from the browser.
func (c Cookies) EndSession() *http.Cookie { return c.web.New(sessionCookie, "", -1) }

// New returns another cookie of this application, which ends after maxAge seconds, or at once when maxAge is negative.
func (c Cookies) New(name, value string, maxAge int) *http.Cookie {
	return c.web.New(name, value, maxAge)
}

// Value returns the value of a cookie that the browser sent, or "" if it is longer than any that this package sends.
func (c Cookies) Value(r *http.Request, name string) string {
	value, _ := c.web.Read(r, name)
	if len(value) > maxCookie {
		return ""
	}
	return value
}

// Device returns the value of the device cookie that the browser sent, or "". Only [Cookies.DeviceOf] knows what it
// means.
func (c Cookies) Device(r *http.Request) string { return c.Value(r, deviceCookie) }

// DeviceOf returns the id of a browser in which the user has signed in before, or "" if the value of the device cookie
// says no such thing.
//
// Threat: an attacker makes up browsers to get more attempts, or uses up those of the browser of another user.
func (c Cookies) DeviceOf(value string, userID int64) string {
	id, signature, _ := strings.Cut(value, ".")
	if id == "" || !hmac.Equal([]byte(signature), []byte(c.sign(id, userID))) {
		return ""
	}
	return id
}

// NewDevice returns the cookie that marks a browser as one in which the user has signed in. The browser keeps its id if
// value is that of the user's device cookie already.
func (c Cookies) NewDevice(value string, userID int64) *http.Cookie {
	id := c.DeviceOf(value, userID)
	if id == "" {
		id = token.New()
	}
	return c.web.New(deviceCookie, id+"."+c.sign(id, userID), int(deviceLifetime/time.Second))
}

// EndDevice returns the cookie that removes the mark from the browser.
func (c Cookies) EndDevice() *http.Cookie { return c.web.New(deviceCookie, "", -1) }

func (c Cookies) sign(id string, userID int64) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(id + "\x00" + strconv.FormatInt(userID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
