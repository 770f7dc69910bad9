package format

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialisms are the words that are written in capitals. Those that are common words as well, such as pin, are left
// out.
var initialisms = strings.Fields(`
	ai api ascii bic cpu crm csrf css csv dns ean eof erp eu faq gdpr gpu gtin guid html http https iban id ip isbn
	iso issn json jwt kpi lan mfa oidc pdf php png qps qr ram rfid rpc saml sdk seo sku sla smtp sms sql ssh ssl sso svg
	tcp tls totp ttl udp ui upc uid uk uri url usa usb utc uuid vat vin vpn wifi xml xsrf xss`)

// Label writes the name of a field, a type or a value for people, with initialisms in capitals: "CreatedAt" and
// "created_at" are "Created at", "AuthorID" is "Author ID", "Sku" is "SKU", and "in-stock" is "In stock".
func Label(name string) string {
	var list []string
	for i, word := range words(name) {
		list = append(list, spelled(word, i == 0))
	}
	return strings.Join(list, " ")
}

// Value writes a value of an enum for people: "in_stock" is "In stock". A value that has capitals or spaces is written
// for people already and stays as it is.
func Value(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsSpace(r) }) {
		return value
	}
	return Label(value)
}

// spelled writes one word of a label.
func spelled(word string, first bool) string {
	lower := strings.ToLower(word)
	switch singular := strings.TrimSuffix(lower, "s"); {
	case slices.Contains(initialisms, lower):
		return strings.ToUpper(word)
	case singular != lower && slices.Contains(initialisms, singular):
		return strings.ToUpper(singular) + "s"
	case strings.ToUpper(word) == word && len(word) > 1: // an initialism that the list does not know
		return word
	case first:
		r := []rune(word)
		return string(unicode.ToUpper(r[0])) + string(r[1:])
	}
	return lower
}

// words splits a name at underscores, hyphens and capitals.
func words(name string) []string {
	var list []string
	r := []rune(name)
	start := 0
	add := func(end int) {
		if word := strings.Trim(string(r[start:end]), "_- "); word != "" {
			list = append(list, word)
		}
		start = end
	}
	for i := 1; i < len(r); i++ {
		if strings.ContainsRune("_- ", r[i-1]) || boundary(r, i) {
			add(i)
		}
	}
	add(len(r))
	return list
}

// boundary reports whether a word begins at a capital.
func boundary(r []rune, i int) bool {
	return unicode.IsUpper(r[i]) && (unicode.IsLower(r[i-1]) || (i+1 < len(r) && unicode.IsLower(r[i+1])))
}

// Lower writes a label inside a sentence: "Blog post" is "blog post", and "API key" stays as it is.
func Lower(label string) string {
	first, size := utf8.DecodeRuneInString(label)
	if second, _ := utf8.DecodeRuneInString(label[size:]); label == "" || len(label) > size && !unicode.IsLower(second) {
		return label
	}
	return string(unicode.ToLower(first)) + label[size:]
}
