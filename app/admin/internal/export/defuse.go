package export

import "strings"

// Space that spreadsheets skip before a formula, and the characters that one begins with.
const (
	blank   = " \u00a0\u3000\ufeff\u200b"
	formula = "=+-@＝＋－＠"
)

// defuse keeps spreadsheets from running text as a formula.
//
// Threat: CSV injection (OWASP). A visitor writes =HYPERLINK(…) into a form, and the administrator who opens the export runs it. A
// spreadsheet that takes semicolons, tabs or line breaks for the ends of cells finds one inside the text, too.
func defuse(text string) string {
	text = defuseInside(text)
	trimmed := strings.TrimLeft(text, blank)
	if trimmed != "" && strings.ContainsRune(formula+"\t\r\n|%", []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}

// defuseInside puts an apostrophe between what may end a cell and a formula after it.
func defuseInside(text string) string {
	if !strings.ContainsAny(text, formula) {
		return text
	}
	var b strings.Builder
	start, fresh := 0, false // where the text goes on that is not yet written; whether a cell may have begun there
	for i, r := range text {
		switch {
		case strings.ContainsRune(";\t\r\n", r):
			b.WriteString(text[start : i+1])
			start, fresh = i+1, true
		case fresh && strings.ContainsRune(formula, r):
			b.WriteByte('\'')
			fresh = false
		case !strings.ContainsRune(blank+"\"", r): // a quote may open the cell, and the formula follows it
			fresh = false
		}
	}
	b.WriteString(text[start:])
	return b.String()
}
