package field

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
)

// Field is one field of a resource.
type Field struct {
	// Name is what was written: published_at, author, tags.
	Name string
	// GoName is the field of the model: PublishedAt, Author, Tags.
	GoName string
	// Key is the name under which people and programs set it: published_at, author_id, tag_ids. GoKey is it in Go:
	// PublishedAt, AuthorID, TagIDs.
	Key, GoKey string
	// Column is the column: published_at, author_id; empty for many.
	Column string
	// ColumnTag says that GORM would derive another column from GoKey, so that the model has to name it: gorm:"column:…".
	ColumnTag bool
	// Type is the type, which decides about the column and the Go type.
	Type Type
	// Format narrows the values of a string, a text or a decimal: Slug, Email, URL, Color, Money or Markdown. It is empty for
	// other fields.
	Format Type
	// Size is the maximum length of a string in characters, or 0 for the usual one. See also [Field.MaxLength].
	Size int
	// Precision and Scale are the digits of a decimal, and those behind the point.
	Precision, Scale int
	// Values are those of an enum, or the kinds of files that a file or an image accepts, in their order.
	Values []string
	// Currency is the ISO 4217 code of money.
	Currency string
	// Target is the model of belongs_to and many.
	Target inflect.Name
	// Required says that a value must be given, and not be empty: it was written with !. See also [Field.MustBeGiven].
	Required bool
	// Nullable says that the value may be absent: NULL, a pointer in Go. It was written with ?.
	Nullable bool
	// Unique says that no two rows have the same value.
	Unique bool
	// UniqueWith and IndexWith are the fields before this one in an index over several columns: no two rows have the same
	// values in all of them, or rows are looked for by all of them. IndexWith may have created_at and updated_at.
	UniqueWith, IndexWith []string
	// Index says that rows are looked for by it.
	Index bool
	// Default is the value of rows that are given none, as it was written, or nil.
	Default *string
}

// MustBeGiven reports whether a value must be given: because of !, or because the type has no zero value that means
// anything (date, time, uuid, enum, color, belongs_to) or only one row could have it (unique), and the field is neither
// nullable nor has a default.
func (f Field) MustBeGiven() bool {
	needed := f.Type.lacksZeroValue() || f.Unique || f.Format == Color
	return f.Required || (needed && !f.Nullable && f.Default == nil)
}

// Word is the type as it is written: that of the format, if there is one.
func (f Field) Word() Type { return cmp.Or(f.Format, f.Type) }

// MaxLength is the maximum length of a string in characters.
func (f Field) MaxLength() int { return cmp.Or(f.Size, longestString) }

// Label is the name for people: "Published at".
func (f Field) Label() string { return inflect.Label(f.Name) }

// String returns the field as it is written in documents, which [Parse] reads as the same field.
func (f Field) String() string {
	var b strings.Builder
	b.WriteString(f.Name + ":" + string(f.Word()))
	switch f.Word() {
	case String:
		if f.Size > 0 {
			fmt.Fprintf(&b, "(%d)", f.Size)
		}
	case Decimal:
		fmt.Fprintf(&b, "(%d,%d)", f.Precision, f.Scale)
	case Money:
		b.WriteString("(" + f.Currency + ")")
	case Enum, File, Image:
		if len(f.Values) > 0 {
			b.WriteString("(" + strings.Join(f.Values, ",") + ")")
		}
	case BelongsTo, Many:
		b.WriteString(":" + f.Target.Ref)
	}
	for _, m := range []struct {
		text string
		on   bool
	}{{"!", f.Required}, {"?", f.Nullable}, {":unique", f.Unique && f.Format != Slug}, {":index", f.Index}} {
		if m.on {
			b.WriteString(m.text)
		}
	}
	if len(f.UniqueWith) > 0 {
		b.WriteString(":unique(" + strings.Join(f.UniqueWith, ",") + ")")
	}
	if len(f.IndexWith) > 0 {
		b.WriteString(":index(" + strings.Join(f.IndexWith, ",") + ")")
	}
	if f.Default != nil {
		b.WriteString(":default=" + *f.Default)
	}
	return b.String()
}
