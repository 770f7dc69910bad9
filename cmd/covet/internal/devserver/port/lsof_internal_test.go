package port

import "testing"

func TestParse(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]Program{
		"p123\ncnode\nf20\np124\ncother\n": {123, "node"},
		"p\n":                              {},
		"":                                 {},
		"p12\n":                            {PID: 12},
	} {
		got, ok := parse(output)
		if got != want || ok != (want.Name != "") {
			t.Errorf("%q: %+v, %t", output, got, ok)
		}
	}
}
