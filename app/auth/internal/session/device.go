package session

import (
	"context"
	"strings"

	"github.com/covetgo/covet/app/auth/internal/texts"
)

// Describe summarizes a User-Agent header in the language of ctx: "Firefox on Linux". It is a hint for the user; any
// client can send any header.
func Describe(ctx context.Context, userAgent string) string {
	browser, system := first(userAgent, browsers[:]), first(userAgent, systems[:])
	switch {
	case browser == "" && system == "":
		return texts.T(ctx, "sessions.device_unknown")
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return texts.T(ctx, "sessions.device_on", "browser", browser, "system", system)
}

type product struct{ mark, name string }

func first(userAgent string, list []product) string {
	for _, p := range list {
		if strings.Contains(userAgent, p.mark) {
			return p.name
		}
	}
	return ""
}

// The order matters: Edge claims to be Chrome, and Chrome to be Safari; Android claims to be Linux, and an iPhone to be
// like a Mac.
var (
	browsers = [...]product{
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
	systems = [...]product{
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
