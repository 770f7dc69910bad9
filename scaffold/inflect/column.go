package inflect

import "strings"

// gormInitialisms are those that GORM takes for one word, in its order, which decides between HTTP and HTTPS.
var gormInitialisms = strings.Fields(`
	API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON LHS QPS RAM RHS RPC SLA SMTP SSH TLS TTL UID UI UUID URI URL
	UTF8 VM XML XSRF XSS`)

var gormReplacer = func() *strings.Replacer {
	var pairs []string
	for _, word := range gormInitialisms {
		pairs = append(pairs, word, word[:1]+strings.ToLower(word[1:]))
	}
	return strings.NewReplacer(pairs...)
}()

// Column returns the name that GORM's NamingStrategy derives from the name of a Go field or type, which for some is not
// the one that was meant: from Address2Line it is address2_line, from HTTPS it is http_s.
func Column(goName string) string {
	name := gormReplacer.Replace(goName)
	var b strings.Builder
	for i := range len(name) {
		if !isUpper(name[i]) {
			b.WriteByte(name[i])
			continue
		}
		if i > 0 && gormSplits(name, i) {
			b.WriteByte('_')
		}
		b.WriteByte(name[i] + 'a' - 'A')
	}
	return b.String()
}

// gormSplits reports whether GORM begins a word with the capital at i > 0.
func gormSplits(name string, i int) bool {
	afterCapital := isUpper(name[i-1])
	if i == len(name)-1 {
		return !afterCapital
	}
	next := name[i+1]
	if afterCapital && (isUpper(next) || isDigit(next)) {
		return false
	}
	return name[i-1] != '_' && next != '_'
}
