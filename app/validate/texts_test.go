package validate_test

import (
	"testing"

	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, validate.Texts(), texttest.Code{Receivers: []string{"texts"}, Functions: map[string]int{"keyed": 0, "boundRule": 0}})
}
