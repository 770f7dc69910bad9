package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/paging"
)

// Choices are the options of a select or of a group of checkboxes, with a hint, which may be empty.
type Choices struct {
	Options []Option
	Hint    string
}

// NewChoices converts records that [paging.Choices] has read to choices, sorted by their labels. More says that there
// are more records.
func NewChoices(options []Option, more bool) Choices {
	slices.SortStableFunc(options, func(a, b Option) int {
		return cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	choices := Choices{Options: options}
	if more {
		choices.Hint = fmt.Sprintf("Only the newest %d are listed.", paging.MaxChoices)
	}
	return choices
}
