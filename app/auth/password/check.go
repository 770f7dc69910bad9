package password

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The bounds of a password, in Unicode code points.
const (
	MinLength = 12
	MaxLength = 128
)

// The messages for users.
const (
	messageShort    = "Use at least 12 characters. A few words in a row are easy to remember."
	messageLong     = "Use at most 128 characters."
	messageUnread   = "This password has characters that cannot be read. Type it again."
	messageCommon   = "This password is one of the most common ones, which are tried first. Choose another."
	messageEasy     = "This password is easy to guess: it is made of common words, repetitions or sequences. Choose another."
	messagePersonal = "This password is made of names that others know, such as your name or address. Choose another."
	messageName     = "This password contains “{name}”, a name of this site or yours, which is easy to guess. " +
		"Choose one that is strong without it."
)

// Check returns "" for a password that may be chosen, and otherwise the message for the user who chose it. Personal are
// the names that others know: the e-mail address and the name of the user, the name and the host of the application.
//
// It must have 12 to 128 characters, and may be neither one of the most common passwords nor nearly so: of words from
// the list of these, repetitions, sequences ("123456", "qwerty"), years and personal parts, with little besides.
// Capitals and digits in place of letters ("P@ssw0rd") count for nothing. A password that contains a word of four
// letters or more of a personal value, or all its words together, must satisfy this rule without them. There are no
// rules of composition, as NIST
// SP 800-63B §3.1.1.2 wants it.
//
// Check is for passwords to be set, not for log-in.
func Check(plain string, personal ...string) string {
	if !utf8.ValidString(plain) {
		return messageUnread
	}
	if len(plain) > utf8.UTFMax*MaxLength {
		return messageLong
	}
	// Both as typed and as hashed: the normal form of one code point may be eighteen, or a fraction of one.
	typed, hashed := utf8.RuneCountInString(plain), utf8.RuneCount(normalized(plain))
	switch {
	case max(typed, hashed) > MaxLength:
		return messageLong
	case min(typed, hashed) < MinLength:
		return messageShort
	}
	text := folded(plain)
	words := common()
	if words[text] {
		return messageCommon
	}
	switch {
	case weight(text, words, nil) < minWeight:
		return messageEasy
	case weight(text, words, partsOf(personal)) < minWeight:
		return messagePersonal
	}
	if name := contained(plain, personal, words, partsOf(personal)); name != "" {
		return strings.ReplaceAll(messageName, "{name}", name)
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
