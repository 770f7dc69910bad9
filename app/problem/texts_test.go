package problem_test

import (
	"testing"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, problem.Texts(), texttest.Code{Receivers: []string{"texts"}, Functions: map[string]int{"setText": 0}})
}
