package api_test

import (
	"testing"

	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, new(api.Module).Texts()[0], texttest.Code{
		Receivers: []string{"texts"}, Functions: map[string]int{"WithText": 1},
	})
}
