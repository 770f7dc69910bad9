package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	hidden   = "[hidden]"
	maxShown = 80
)

// Parameters of URLs and of key=value connection strings that hold credentials.
var credential = regexp.MustCompile(`(?i)([\w-]*(?:password|passwd|pwd|secret|token|key)=)('[^']*'|"[^"]*"|[^\s&;"']+)`)

// redact hides the password in a text that looks like a URL or a connection string: what is before the last "@", and
// parameters named like credentials. It leaves the user name only where a password follows it, because a user name
// alone is often a token. It answers the threat of passwords in logs and terminals, and would rather hide too much.
func redact(text string) string {
	text = credential.ReplaceAllString(text, "${1}"+hidden)
	scheme, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		return redactDSN(text)
	}
	at := strings.LastIndex(rest, "@")
	if at < 0 {
		return text
	}
	parsed, err := url.Parse(strings.ReplaceAll(text, hidden, "hidden"))
	switch {
	case err == nil && parsed.User == nil && parsed.Port() == "":
		return text // an "@" in the path
	case err == nil && parsed.User != nil && parsed.User.Username() != "":
		user := parsed.User.Username()
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			at = strings.LastIndex(rest[:end], "@")
		}
		if _, hasPassword := parsed.User.Password(); hasPassword {
			return scheme + "://" + url.User(user).String() + ":" + hidden + rest[at:]
		}
		if !strings.HasPrefix(scheme, "http") {
			return text
		}
	}
	return scheme + "://" + hidden + rest[at:]
}

// redactDSN hides the credentials of "user:password@tcp(localhost)/name".
func redactDSN(text string) string {
	at := strings.LastIndex(text, "@")
	if at < 0 || !strings.Contains(text[:at], ":") {
		return text
	}
	return hidden + text[at:]
}

// redactUser is redact without a user name, for faults.
func redactUser(text string) string {
	shown := redact(text)
	scheme, rest, isURL := strings.Cut(shown, "://")
	if at := strings.LastIndex(rest, "@"); isURL && at >= 0 && (shown != text || hasUser(text)) {
		return scheme + "://" + hidden + rest[at:]
	}
	return shown
}

func hasUser(text string) bool {
	parsed, err := url.Parse(text)
	return err != nil || parsed.User != nil
}

// textsOf returns the texts that a raw value consists of.
func textsOf(raw any) []string {
	switch raw := raw.(type) {
	case string:
		return []string{raw}
	case []string:
		return raw
	case map[string]string:
		var texts []string
		for name, value := range raw {
			texts = append(texts, name+"="+value)
		}
		slices.Sort(texts)
		return texts
	default:
		return nil
	}
}

// show writes a raw value for people, each text of it passed through mask.
func show(raw any, mask func(string) string) string {
	var texts []string
	for _, text := range textsOf(raw) {
		texts = append(texts, mask(text))
	}
	return strings.Join(texts, ",")
}

// shorten cuts a text that would fill a terminal.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > maxShown {
		return string(runes[:maxShown]) + "…"
	}
	return text
}

// scrubText hides every appearance of a raw value in a text: all of it for a secret, otherwise its credentials. Error
// texts of other packages repeat values, often quoted.
func scrubText(text string, raw any, secret bool) string {
	for _, value := range textsOf(raw) {
		mask := hidden
		if !secret {
			mask = redactUser(value)
		}
		if mask == value || strings.TrimSpace(value) == "" {
			continue
		}
		quoted := strconv.Quote(value)
		for _, form := range []string{value, quoted[1 : len(quoted)-1], url.QueryEscape(value), fmt.Sprintf("%+q", value)} {
			text = strings.ReplaceAll(text, form, mask)
		}
		if !secret {
			text = scrubPassword(text, value)
		}
	}
	return text
}

// scrubPassword hides the password of a URL where a text repeats it alone.
func scrubPassword(text, value string) string {
	_, rest, _ := strings.Cut(value, "://")
	at := strings.LastIndex(rest, "@")
	if at < 0 {
		return text
	}
	_, password, _ := strings.Cut(rest[:at], ":")
	if len(password) < 3 {
		return text
	}
	text = strings.ReplaceAll(text, password, hidden)
	if plain, err := url.PathUnescape(password); err == nil {
		text = strings.ReplaceAll(text, plain, hidden)
	}
	return text
}
