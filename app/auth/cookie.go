package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	sessionName = "session"
	deviceName  = "device"
	deviceLife  = 365 * 24 * time.Hour
)

// expired returns a cookie that ends another.
func (m *Module) expired(name string) *http.Cookie { return m.cookies.New(name, "", -1) }

// sessionCookie returns the session token that the browser sent, or "".
func (m *Module) sessionCookie(r *http.Request) string {
	return m.cookieValue(r, sessionName)
}

// cookieValue returns what the browser sent, or "" when that is longer than anything this package sends.
func (m *Module) cookieValue(r *http.Request, name string) string {
	value, _ := m.cookies.Read(r, name)
	if len(value) > 200 {
		return ""
	}
	return value
}

// deviceCookie marks a browser as one in which a user has signed in.
func (m *Module) deviceCookie(r *http.Request, userID int64) *http.Cookie {
	id := m.device(r, userID)
	if id == "" {
		id = newToken()
	}
	return m.cookies.New(deviceName, id+"."+m.signDevice(id, userID), int(deviceLife/time.Second))
}

// device returns the id of a browser in which the user has signed in before, or "".
//
// Threat: somebody makes up browsers to have more attempts, or uses up those of the browser of somebody else.
func (m *Module) device(r *http.Request, userID int64) string {
	id, signature, _ := strings.Cut(m.cookieValue(r, deviceName), ".")
	if id == "" || !hmac.Equal([]byte(signature), []byte(m.signDevice(id, userID))) {
		return ""
	}
	return id
}

func (m *Module) signDevice(id string, userID int64) string {
	mac := hmac.New(sha256.New, m.deviceKey)
	mac.Write([]byte(id + "\x00" + strconv.FormatInt(userID, 10)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// shorten cuts text to n bytes at most, between characters, and makes it text that every database stores.
func shorten(text string, n int) string {
	if len(text) > n {
		text = text[:n]
		for len(text) > 0 && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]) && !utf8.RuneStart(text[len(text)-1]) {
			text = text[:len(text)-1]
		}
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
