package jobs

import (
	"testing"
)

func FuzzSnakeCase(f *testing.F) {
	f.Add("NotifyTeam")
	f.Fuzz(func(t *testing.T, name string) {
		if kind := snakeCase(name); name != "" && kind == "" {
			t.Errorf("%q has an empty kind", name)
		}
	})
}
