package words_test

import (
	"testing"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, words.Texts(), texttest.Code{
		Receivers: []string{"words"}, Functions: map[string]int{"ID": 0, "T": 1, "errorOf": 0, "refuse": 1, "bad": 1},
		Folders: []string{
			"../..", "../auditui", "../bulk", "../export", "../form", "../jobsui", "../jobsui/view", "../list", "../meta",
			"../query", "../registry", "../relation", "../request", "../site", "../views", ".",
		},
	})
}
