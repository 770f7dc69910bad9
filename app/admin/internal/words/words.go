// Package words contains the texts of the admin.
package words

import (
	"context"
	"embed"
	"strings"

	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/text"
)

//go:embed texts/*.yaml
var files embed.FS

var texts = text.MustLoad("admin", files, "texts")

// Texts returns the set of texts.
func Texts() *text.Set { return texts }

// T returns a text in the language of ctx; see [text.Set.T].
func T(ctx context.Context, key string, args ...any) string { return texts.T(ctx, key, args...) }

// ID returns the key. It marks a text that is looked up elsewhere.
func ID(key string) string { return key }

// KeyOf returns a name, such as that of an action, as part of a key: "send-password-link" is "send_password_link".
func KeyOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
}

// YesNo returns a boolean as a word.
func YesNo(ctx context.Context, b bool) string {
	if b {
		return T(ctx, "yes")
	}
	return T(ctx, "no")
}

// Lower returns a label inside a sentence: "Blog post" is "blog post", except in languages that capitalize nouns, whose
// text "nouns" is "capitalized".
func Lower(ctx context.Context, label string) string {
	if T(ctx, "nouns") == "capitalized" {
		return label
	}
	return format.Lower(label)
}

// groups are the texts of the headings that the admin itself has in the navigation.
var groups = map[string]string{
	"Content": ID("content"), "Accounts": ID("accounts.group"), "System": ID("system"),
}

// Group returns a heading of the navigation in the language of ctx: the application's text groups.NAME, the text of the
// admin, or else the name itself, which defaults to Content.
func Group(ctx context.Context, name string) string {
	if name == "" {
		name = "Content"
	}
	if own, ok := text.Own(ctx, "groups."+KeyOf(name)); ok {
		return own
	}
	if key, known := groups[name]; known {
		return T(ctx, key)
	}
	return name
}

// AtMost returns a number that is known up to limit, as an argument of a text: "1,000+" stands for more.
func AtMost(ctx context.Context, n, limit int) any {
	if n > limit {
		return T(ctx, "at_most", "n", limit)
	}
	return n
}
