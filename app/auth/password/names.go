package password

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// minName is how many letters a name has that is looked for within passwords. Shorter ones are parts of many words.
const minName = 4

// contained returns a name of the personal values that the password contains, if what is left without such names would
// not be accepted on its own; otherwise "". Capitals, accents, digits and punctuation between the letters count for
// nothing, and digits read as the letters that they stand for: "Sh0p", "s-h-o-p", "5HOP2026".
//
// Threat: the first guesses at a site are its name and that of the account, with a year and an exclamation mark.
func contained(plain string, personal []string, words, parts map[string]bool) string {
	text := []rune(unaccented(plain))
	removed := make([]bool, len(text))
	found := ""
	for _, spelling := range spellingsOf(text) {
		letters, at := lettersOf(spelling)
		for name := range namesOf(personal) {
			for from := 0; ; {
				i := strings.Index(letters[from:], name)
				if i < 0 {
					break
				}
				from += i
				first := utf8.RuneCountInString(letters[:from])
				last := first + utf8.RuneCountInString(name) - 1
				for k := at[first]; k <= at[last]; k++ {
					removed[k] = true
				}
				if len(name) > len(found) || len(name) == len(found) && name < found {
					found = name
				}
				from += len(name)
			}
		}
	}
	var rest []rune
	for i, r := range text {
		if !removed[i] {
			rest = append(rest, r)
		}
	}
	if found == "" || len(rest) >= MinLength && weight(string(rest), words, parts) >= minWeight {
		return ""
	}
	return found
}

// namesOf returns what to look for: each word of the values, and all words of a value together, as letters only.
func namesOf(personal []string) map[string]bool {
	names := map[string]bool{}
	for _, value := range personal {
		words := strings.FieldsFunc(unaccented(value), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, word := range append(words, strings.Join(words, "")) {
			for _, spelling := range spellingsOf([]rune(word)) {
				if letters, at := lettersOf(spelling); len(at) >= minName {
					names[letters] = true
				}
			}
		}
	}
	return names
}

// lettersOf returns the letters of text, and where each of them is.
func lettersOf(text []rune) (letters string, at []int) {
	var b strings.Builder
	for i, r := range text {
		if unicode.IsLetter(r) {
			b.WriteRune(r)
			at = append(at, i)
		}
	}
	return b.String(), at
}

// unaccented is folded text without the marks of letters.
func unaccented(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(folded(s))))
}
