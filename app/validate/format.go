package validate

import (
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Slug reports whether a text is a slug, the last part of a page's address: small letters, digits and single hyphens between
// them, as in "summer-sale-2026". It is not new, where the form for another record is.
func Slug(s string) bool { return slug.MatchString(s) && s != "new" }

var (
	slug  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	color = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
)

var formats = []struct {
	name  string
	valid func(string) bool
}{
	{"email", isEmail},
	{"uri", isURI},
	{"slug", Slug},
	{"color", color.MatchString},
	{"uuid", func(s string) bool { return uuid.Validate(s) == nil && len(s) == 36 }},
	{"date", func(s string) bool { return parses(time.DateOnly, s) }},
	{"time", func(s string) bool { return parses("15:04:05Z07:00", s) }},
	{"date-time", func(s string) bool { return parses(time.RFC3339, s) }},
	{"hostname", isHostname},
	{"ipv4", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() }},
	{"ipv6", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" }},
	{"ip", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Zone() == "" }},
}

// annotations are formats that say what a value is, and refuse none.
var annotations = []string{"password", "markdown", "binary", "byte", "int32", "int64", "float", "double"}

func format(text string, t reflect.Type, _ reflect.StructField) (check, error) {
	if slices.Contains(annotations, text) || (t == timeType && (text == "date-time" || text == "date")) {
		return nil, nil
	}
	if t.Kind() != reflect.String {
		return nil, errors.New("this format is one of strings")
	}
	for _, f := range formats {
		if f.name == text {
			return func(v reflect.Value) fault {
				if f.valid(v.String()) {
					return right
				}
				return keyed("format." + strings.ReplaceAll(f.name, "-", "_"))
			}, nil
		}
	}
	return nil, errors.New("this format is unknown")
}

// isEmail accepts a plain address (RFC 5321 Mailbox) with a dotted or local domain, without a display name.
func isEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Name == "" && address.Address == s && !strings.ContainsAny(s, " \t\r\n\"<>")
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// isHostname accepts names of labels of letters, digits and inner hyphens (RFC 1123 §2.1).
func isHostname(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, notInHost) {
			return false
		}
	}
	return true
}

func notInHost(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
}

func parses(layout, s string) bool {
	_, err := time.Parse(layout, s)
	return err == nil
}
