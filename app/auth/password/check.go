package password

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/covetgo/covet/app/auth/internal/texts"
)

// The bounds of a password, in Unicode code points.
const (
	MinLength = 12
	MaxLength = 128
)

// Check returns "" for a password that may be chosen, and otherwise the message for the user who chose it, in the language
// of ctx. Personal are the names that others know: the email address and the name of the user, the name and the host of
// the application.
//
// It must have 12 to 128 characters, and may be neither one of the most common passwords nor nearly so: of words from
// the list of these, repetitions, sequences ("123456", "qwerty"), years and personal parts, with little besides.
// Capitals and digits in place of letters ("P@ssw0rd") count for nothing. A password that contains a word of four
// letters or more of a personal value, or all its words together, must satisfy this rule without them. There are no
// rules of composition, as NIST
// SP 800-63B §3.1.1.2 wants it.
//
// Check is for passwords to be set, not for log-in.
func Check(ctx context.Context, plain string, personal ...string) string {
	if !utf8.ValidString(plain) {
		return texts.T(ctx, "password.unreadable")
	}
	if len(plain) > utf8.UTFMax*MaxLength {
		return texts.T(ctx, "password.long", "n", MaxLength)
	}
	// Both as typed and as hashed: the normal form of one code point may be eighteen, or a fraction of one.
	typed, hashed := utf8.RuneCountInString(plain), utf8.RuneCount(normalized(plain))
	switch {
	case max(typed, hashed) > MaxLength:
		return texts.T(ctx, "password.long", "n", MaxLength)
	case min(typed, hashed) < MinLength:
		return texts.T(ctx, "password.short", "n", MinLength)
	}
	text := folded(plain)
	words := common()
	if words[text] {
		return texts.T(ctx, "password.common")
	}
	switch {
	case weight(text, words, nil) < minWeight:
		return texts.T(ctx, "password.easy")
	case weight(text, words, partsOf(personal)) < minWeight:
		return texts.T(ctx, "password.personal")
	}
	if name := contained(plain, personal, words, partsOf(personal)); name != "" {
		return texts.T(ctx, "password.name", "name", name)
	}
	return ""
}

// folded is how passwords are compared.
func folded(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// partsOf splits what is known of a person into words of three letters or more, each also joined with its neighbours.
func partsOf(personal []string) map[string]bool {
	parts := map[string]bool{}
	for _, value := range personal {
		words := strings.FieldsFunc(folded(value), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, part := range append(words, strings.Join(words, "")) {
			if utf8.RuneCountInString(part) >= 3 {
				parts[part] = true
			}
		}
	}
	return parts
}
