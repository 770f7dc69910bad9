// Package mails holds the mails that package auth sends, each in HTML and in plain text.
package mails

import "strings"

// Letter is the content of a mail, in the language of the recipient. All of its texts are plain.
type Letter struct {
	// App is the name of the application, and Title the subject.
	App, Title string
	// Hello is the greeting, and Text consists of whole sentences.
	Hello, Text string
	// Link is an address to open, with a Button that says what for; both are empty in a notice. LinkHint introduces the
	// address itself.
	Link, Button, LinkHint string
	// Footer says what to do if the recipient did not request the mail. It may be empty.
	Footer string
}

// Text returns the plain-text part of a letter.
func Text(l Letter) string {
	parts := []string{l.Hello, l.Text}
	if l.Link != "" {
		parts = append(parts, l.Button+":\n"+l.Link)
	}
	if l.Footer != "" {
		parts = append(parts, l.Footer)
	}
	return strings.Join(append(parts, "-- \n"+l.App), "\n\n") + "\n"
}
