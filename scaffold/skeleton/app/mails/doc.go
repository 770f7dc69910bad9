// Package mails contains the HTML bodies of the mails of Covet App. Their plain
// text is derived from them.
package mails
