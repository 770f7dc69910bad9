package value_test

import (
	"testing"

	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, value.Texts(),
		texttest.Code{Receivers: []string{"texts"}, Functions: map[string]int{"fault": 1, "fail": 0}},
		texttest.Code{
			Receivers: []string{"value.Texts()"}, Functions: map[string]int{"WithText": 1}, Folders: []string{"../upload"},
		},
		texttest.Code{
			Functions: map[string]int{"Syntax": 1},
			Folders:   []string{".", "../upload", "../../api", "../../api/internal/cbor"},
		})
}
