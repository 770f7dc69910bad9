package problem_test

import (
	"testing"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, problem.Texts(), texttest.Code{Receivers: []string{"texts", "problem.Texts()"}, Folders: []string{".", "../paging", "../middleware"}, Functions: map[string]int{"WithText": 1}})
}
