// Package mails holds the bodies of the mails that Covet App sends. Their plain
// text is derived from them.
package mails
