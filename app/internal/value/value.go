// Package value holds what a client sent as a tree, whatever its media type:
// JSON, CBOR or a form. [Bind] puts the tree into a Go value, strictly, and finds
// every fault at once.
package value

import (
	"context"
	"fmt"
	"strings"
)

// Kind says what a Value is.
type Kind uint8

// The kinds of values.
const (
	Null Kind = iota
	Bool
	Number // Text is the number as JSON writes it
	String
	Bytes // Text holds bytes, which JSON writes as base64
	Field // Text is the text of a form field, which may mean any scalar
	List
	Object
	Native // Native is the value itself
)

// Value is one node of the tree.
type Value struct {
	Kind Kind
	Bool bool
	Text string
	// Members are those of an object, or the items of a list without names.
	Members []Member
	// Native is what reads itself from no text: an uploaded file.
	Native any
}

// Member is one member of an object.
type Member struct {
	Name  string
	Value Value
}

// MaxDepth bounds nesting: deeper input is an attack on recursion.
const MaxDepth = 64

// MaxValues is how many values a tree may have: each takes some hundred bytes, for
// a byte or two that were sent.
const MaxValues = 50_000

// ErrTooMany is the error of input that has more than [MaxValues] values.
var ErrTooMany = fmt.Errorf("more than %d values", MaxValues)

// SyntaxError is input that is no value of its media type.
type SyntaxError struct {
	// Pointer leads to where reading ended (RFC 6901).
	Pointer string
	// Key is the key of a text of this package that says what is wrong, without repeating what was sent.
	Key string
}

// Syntax returns the error with a text of this package.
func Syntax(pointer, key string) *SyntaxError { return &SyntaxError{Pointer: pointer, Key: key} }

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at %q: %s", e.Pointer, texts.English(e.Key))
}

// Detail returns what is wrong in the language of ctx.
func (e *SyntaxError) Detail(ctx context.Context) string { return texts.T(ctx, e.Key) }

// maxName bounds the names that a pointer repeats.
const maxName = 200

// Escape writes a name as a token of a JSON Pointer. A name that is too long to
// repeat is cut.
func Escape(name string) string {
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	if strings.ContainsAny(name, "~/") {
		name = strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	}
	return name
}
