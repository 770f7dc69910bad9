package app_test

import (
	"context"
	"strings"
	"testing"

	covet "github.com/covetgo/covet/app"
)

func TestSeedsAreChecked(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, *covet.App) error { return nil }
	for want, seeds := range map[string][]covet.Seed{
		"seed 2: it has no name":          {{Name: "a", Run: nothing}, {Run: nothing}},
		`seed "a": another one`:           {{Name: "a", Run: nothing}, {Name: "a", Run: nothing}},
		`seed "a": it has nothing to run`: {{Name: "a"}},
	} {
		if _, err := covet.New(covet.Config{}, covet.Options{Seeds: seeds}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}
