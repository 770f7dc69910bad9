package field

import (
	"fmt"
	"strings"
)

// An Error reports an invalid field.
type Error struct {
	// Arg is the argument as it was typed.
	Arg string
	// Column is the position of the error in Arg, in bytes from 1.
	Column int
	// Problem is the error: "there is no type strng".
	Problem string
	// Suggestion is a similar valid text, or empty.
	Suggestion string
}

// Error returns the error, its position and the suggestion in one line. It does not include [Grammar].
func (e *Error) Error() string {
	text := fmt.Sprintf("reading field %q: character %d: %s", e.Arg, e.Column, e.Problem)
	if e.Suggestion != "" {
		text += fmt.Sprintf("; did you mean %s?", e.Suggestion)
	}
	return text
}

// Detail returns the argument with a mark at the error, and the grammar.
func (e *Error) Detail() string {
	return fmt.Sprintf("    %s\n    %s^ %s\n\n%s", e.Arg, strings.Repeat(" ", max(e.Column-1, 0)), e.Problem, Grammar())
}

// Grammar is the help text about the syntax of fields.
func Grammar() string {
	return `Fields are written NAME:TYPE, followed by modifiers in any order:

  title:string!                 ! (or :required): a value is required and must not be empty
  published_at:time?            ? (or :nullable): the value is optional; NULL in the database
  sku:string:unique             unique: no two rows have the same value
  n:int:unique(user)            unique together with user; also unique=user
  at:time:index(author)         an index on author and at
  rating:int:index              an index
  rating:int:default=3          the default value; must be the last modifier

  string text int bigint float bool date time uuid json      also integer, boolean, datetime, references, …
  slug email url color markdown file image
  code:string(8)                at most 8 characters instead of 255
  price:decimal(10,2)           10 digits, 2 of them after the decimal point; also decimal:10,2, money(EUR)
  manual:file(pdf,zip)          only files with this content; also image(png,jpeg)
  status:enum(draft,live)       one of these; also enum:draft,live
  author:belongs_to:user        one row of another model; also post:belongs_to
  tags:many:tag                 several rows of another model

Where a shell gives ( ) ! ? a meaning, write 'title:string!' in quotes, or title:string:required without.
`
}
