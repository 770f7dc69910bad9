package ui_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/web/ui"
)

func TestNewChoices(t *testing.T) {
	t.Parallel()
	options := []ui.Option{{Value: "1", Label: "b"}, {Value: "2", Label: "C"}, {Value: "3", Label: "A"}}
	want := []ui.Option{{Value: "3", Label: "A"}, {Value: "1", Label: "b"}, {Value: "2", Label: "C"}}
	if diff := cmp.Diff(ui.Choices{Options: want}, ui.NewChoices(options, false)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := ui.NewChoices(nil, true).Hint; got != "Only the newest 500 are listed." {
		t.Errorf("the hint is %q", got)
	}
}
