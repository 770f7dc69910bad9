package views

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                   nil,
		"Nothing.":                           {"Nothing."},
		Who + " changed " + Subject + ".":    {Who, " changed ", Subject, "."},
		Subject + Who:                        {Subject, Who},
		"Geändert von " + Who:                {"Geändert von ", Who},
		"\u2068" + Who + "\u2069 did \uE002": {"\u2068", Who, "\u2069 did \uE002"},
	} {
		if diff := cmp.Diff(want, sentence(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
