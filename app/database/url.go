package database

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// linkedSchemes returns the schemes of all drivers, for error messages.
func linkedSchemes(drivers []Driver) string {
	names := make([]string, 0, len(drivers))
	for _, d := range drivers {
		names = append(names, d.Schemes()[0])
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// knownDrivers are the drivers that Covet provides, by scheme, for the error about a driver that is not linked.
var knownDrivers = []struct{ dialect, schemes, pkg string }{
	{"sqlite", " sqlite ", "github.com/covetgo/covet/app/database/sqlite"},
	{"postgres", " postgres postgresql ", "github.com/covetgo/covet/app/database/postgres"},
	{"mysql", " mysql mariadb ", "github.com/covetgo/covet/app/database/mysql"},
}

// driverFor returns the driver whose scheme rawURL has.
func driverFor(rawURL string, drivers []Driver) (Driver, error) {
	if rawURL == "" {
		return nil, fmt.Errorf("%w: empty; set DATABASE_URL, for example to sqlite:storage/app.db", ErrURL)
	}
	scheme, _, found := strings.Cut(rawURL, ":")
	if !found || !schemePattern.MatchString(scheme) {
		return nil, fmt.Errorf("%w: no scheme; expected a URL such as sqlite:storage/app.db or "+
			"postgres://user:password@localhost:5432/blog", ErrURL)
	}
	for _, d := range drivers {
		for _, s := range d.Schemes() {
			if strings.EqualFold(s, scheme) {
				return d, nil
			}
		}
	}
	for _, k := range knownDrivers {
		if strings.Contains(k.schemes, " "+strings.ToLower(scheme)+" ") {
			return nil, fmt.Errorf("%w: the %s driver is not linked (linked: %s); import %q and add %s.Driver{} "+
				"to the drivers of the application", ErrURL, k.dialect, linkedSchemes(drivers), k.pkg, k.dialect)
		}
	}
	return nil, fmt.Errorf("%w: unknown scheme %q (linked: %s)", ErrURL, scheme, linkedSchemes(drivers))
}

var (
	schemePattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*$`)
	passwordPattern = regexp.MustCompile(`(?i)((?:password|passwd|pwd|secret|token|sslkey)[^=&?\s]*=)('[^']*'|[^&\s]*)`)
)

// RedactURL replaces the password in rawURL, and values of options that look like one, by "xxxxx", for logs and
// messages. It also works on malformed URLs: it hides anything that may be a password.
func RedactURL(rawURL string) string {
	redacted := passwordPattern.ReplaceAllString(rawURL, "${1}xxxxx")
	if !strings.Contains(redacted, "@") {
		return redacted
	}
	if u, err := url.Parse(redacted); err == nil && u.User != nil {
		return u.Redacted()
	}
	// Malformed, or of a form that net/url cannot parse: everything up to the last @ may contain the password.
	at := strings.LastIndexByte(redacted, '@')
	start := 0
	if i := strings.Index(redacted, "://"); i >= 0 && i < at {
		start = i + len("://")
	}
	user, _, hasPassword := strings.Cut(redacted[start:at], ":")
	if !hasPassword {
		return redacted
	}
	return redacted[:start] + user + ":xxxxx" + redacted[at:]
}

// ParseURL parses the URL of a database server for a driver. Its errors wrap ErrURL, describe the fault, end with
// example, and repeat no part of the URL that may belong to the password.
func ParseURL(rawURL, example string) (*url.URL, error) {
	wrong := func(what string) (*url.URL, error) {
		return nil, fmt.Errorf("%w: %s; expected a URL such as %s", ErrURL, what, example)
	}
	if !strings.Contains(rawURL, "://") {
		return wrong("the scheme must be followed by //")
	}
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return wrong("it cannot be parsed (in a user name or password, write the characters / ? # @ % " +
			"as %2F %3F %23 %40 %25; a port is a number)")
	case u.Fragment != "":
		return wrong("it has a # in it (write it as %23 when it belongs to the password)")
	case u.Hostname() == "" && u.Query().Get("host") == "":
		return wrong("the server is missing")
	case strings.Trim(u.Path, "/") == "":
		return wrong("the name of the database is missing")
	case strings.Contains(strings.Trim(u.Path, "/"), "/"):
		return wrong("the name of the database contains a /")
	}
	return u, nil
}
