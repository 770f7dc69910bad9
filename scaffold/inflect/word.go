package inflect

import (
	"slices"
	"strings"

	"github.com/jinzhu/inflection"
)

// initialisms are the words that linters (revive's var-naming, staticcheck's ST1003) want in capitals.
var initialisms = strings.Fields(`
	acl amqp api ascii cpu css db dns eof gid guid html http https id ip json qps ram rpc rtp sip sla smtp sql ssh tcp tls
	ts ttl udp ui uid uri url utf8 uuid vm xml xmpp xsrf xss`)

// Words splits a name in snake, kebab or camel case into words in lower case: "HTMLPage" and "html_page" are html,
// page.
func Words(name string) []string {
	var words []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' }) {
		words = append(words, camelWords(part)...)
	}
	return words
}

// camelWords splits before a capital that follows a small letter or digit, and before the last of several capitals when
// small letters follow, unless these are the s of a plural: APIKey is api, key, and URLs one word.
func camelWords(part string) []string {
	var words []string
	start := 0
	for i := 1; i < len(part); i++ {
		if !isUpper(part[i]) || (isUpper(part[i-1]) && !startsWord(part[i:])) {
			continue
		}
		words = append(words, strings.ToLower(part[start:i]))
		start = i
	}
	return append(words, strings.ToLower(part[start:]))
}

// startsWord reports whether a capital that follows capitals begins a word.
func startsWord(rest string) bool {
	if len(rest) < 2 || !isLower(rest[1]) {
		return false
	}
	return rest[1] != 's' || (len(rest) > 2 && isLower(rest[2]))
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// GoName returns the exported Go name of a name in snake case: "html_url" is HTMLURL.
func GoName(snake string) string {
	var b strings.Builder
	for _, word := range Words(snake) {
		switch {
		case slices.Contains(initialisms, word):
			b.WriteString(strings.ToUpper(word))
		case word == "ids" || word == "urls" || word == "uris":
			b.WriteString(strings.ToUpper(word[:len(word)-1]) + "s")
		default:
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// localName returns the Go name of a variable: "html_url" is htmlURL.
func localName(snake string) string {
	words := Words(snake)
	if len(words) == 0 {
		return ""
	}
	return words[0] + GoName(strings.Join(words[1:], "_"))
}

// Label returns the name for people: "published_at" is "Published at".
func Label(snake string) string {
	words := Words(snake)
	for i, word := range words {
		singular, several := strings.CutSuffix(word, "s")
		switch {
		case slices.Contains(initialisms, word):
			words[i] = strings.ToUpper(word)
		case several && slices.Contains(initialisms, singular):
			words[i] = strings.ToUpper(singular) + "s"
		}
	}
	text := strings.Join(words, " ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Plural returns the plural of a name in snake case, as GORM has it.
func Plural(snake string) string { return inflection.Plural(snake) }

// Singular returns the singular of a name in snake case. A singular is returned as it is.
func Singular(snake string) string {
	cut := strings.LastIndexByte(snake, '_') + 1
	last := snake[cut:]
	if singular, ok := singulars[last]; ok {
		return snake[:cut] + singular
	}
	if isSingular(last) {
		return snake
	}
	if stem, ok := strings.CutSuffix(last, "ves"); ok && len(stem) > 1 && !slices.Contains(vesPlurals, last) {
		return snake[:cut] + stem + "ve"
	}
	singular := inflection.Singular(snake)
	if len(singular) <= cut { // nothing is left of the last word
		return snake
	}
	return singular
}

// isSingular reports whether a word that ends like a plural is a singular.
func isSingular(word string) bool {
	switch {
	case strings.HasSuffix(word, "us"):
		return !slices.Contains(plainUS, word) && !strings.HasSuffix(word, "eaus")
	case strings.HasSuffix(word, "sis"), strings.HasSuffix(word, "ta"), strings.HasSuffix(word, "ia"):
		return true
	default:
		return slices.Contains(unchanged, word)
	}
}

var (
	// singulars corrects the rules of package inflection for single words.
	singulars = map[string]string{
		"aches": "ache", "avalanches": "avalanche", "bacteria": "bacterium", "bonuses": "bonus", "caches": "cache",
		"leaves": "leaf", "loaves": "loaf", "thieves": "thief", "hooves": "hoof", "sheaves": "sheaf",
		"campuses": "campus", "canvases": "canvas", "censuses": "census", "circuses": "circus", "errata": "erratum",
		"gases": "gas", "headaches": "headache", "irises": "iris", "lenses": "lens", "moustaches": "moustache",
		"niches": "niche", "psyches": "psyche", "stadia": "stadium", "strata": "stratum", "toes": "toe", "viruses": "virus",
		"specimens": "specimen", "ties": "tie", "pies": "pie", "lies": "lie", "zombies": "zombie",
		"selfies": "selfie", "calories": "calorie", "brownies": "brownie", "genies": "genie",
	}
	// unchanged are singulars that end in s, and would lose it.
	unchanged = strings.Fields(`alias atlas bias canvas chaos cosmos debris gas ibis iris lens news pants pelvis scissors
		specimen tennis trousers`)
	// plainUS are plurals that end in us.
	plainUS = strings.Fields("cpus emus flus gnus gpus gurus haikus ius menus skus submenus tofus")
	// vesPlurals are the plurals in -ves of words in -f and -fe.
	vesPlurals = strings.Fields(`bookshelves calves elves halves knives lives scarves selves shelves wives wolves`)
)
