package field

import (
	"fmt"
	"strings"
)

// An Error refuses a field.
type Error struct {
	// Arg is the argument as it was written.
	Arg string
	// Column is where in Arg it goes wrong, counted in bytes from 1.
	Column int
	// Problem says what is wrong: "there is no type strng".
	Problem string
	// Suggestion is what may have been meant, or empty.
	Suggestion string
}

// Error says in one line what is wrong, where, and what may have been meant. It does not include [Grammar].
func (e *Error) Error() string {
	text := fmt.Sprintf("reading field %q: character %d: %s", e.Arg, e.Column, e.Problem)
	if e.Suggestion != "" {
		text += fmt.Sprintf("; did you mean %s?", e.Suggestion)
	}
	return text
}

// Detail shows the argument with a mark below where it goes wrong, and the whole grammar.
func (e *Error) Detail() string {
	return fmt.Sprintf("    %s\n    %s^ %s\n\n%s", e.Arg, strings.Repeat(" ", max(e.Column-1, 0)), e.Problem, Grammar())
}

// Grammar is the help text: how fields are written.
func Grammar() string {
	return `Fields are written NAME:TYPE, and then, in any order, what else is said of them:

  title:string!                 ! (or :required): a value must be given, and not be empty
  published_at:time?            ? (or :nullable): there may be no value; NULL in the database
  sku:string:unique             no two rows have the same
  n:int:unique(user)            no two rows have the same user and n; also unique=user
  at:time:index(author)         rows are looked for by author, then by at
  rating:int:index              rows are looked for by it
  rating:int:default=3          what rows get that are given none; it comes last

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
