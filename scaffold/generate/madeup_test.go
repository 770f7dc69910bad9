package generate_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/covetgo/covet/internal/madeup"
	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate"
)

func flagsOf(r madeup.Resource) generate.Flags {
	return generate.Flags{Skip: r.Skip, Parent: r.Parent, Public: r.Public}
}

// Made-up resources pass the type check, generating them again changes nothing, and destroying them all restores the
// application byte for byte. TestMatrixMadeUp compiles some; COVET_MADE_UP makes up more than the default.
func TestMadeUp(t *testing.T) {
	t.Parallel()
	seed, count := madeup.Seed(t, 20261101), madeup.Count(t, 4)
	for i, opts := range []scaffold.Options{
		{},
		{Databases: []scaffold.Dialect{scaffold.Postgres}, Without: []scaffold.Battery{scaffold.API}},
		{Databases: scaffold.Dialects(), Module: "example.org/team/blog"},
	} {
		opts.Name = "blog"
		t.Run(fmt.Sprint(opts.Databases, opts.Without), func(t *testing.T) {
			t.Parallel()
			dir := newApplication(t, opts)
			before := everything(t, dir)
			resources := madeup.New(seed + uint64(i)).Resources(count)
			for _, r := range resources {
				change, err := tryGenerate(t, dir, "resource", r.Name, r.Fields, flagsOf(r))
				if err != nil {
					t.Fatalf("%s: %v", r, err)
				}
				if len(change.Conflicts()) > 0 {
					t.Fatalf("%s: conflicts with %v", r, change.Conflicts())
				}
				write(t, change)
			}
			for _, r := range resources {
				if change := generated(t, dir, "resource", r.Name, r.Fields, flagsOf(r)); !change.Empty() {
					t.Errorf("%s: generating it again changes something: %s", r, differences(change))
				}
			}
			for _, r := range slices.Backward(resources) {
				write(t, destroyed(t, dir, "resource", r.Name))
			}
			unchanged(t, dir, before)
		})
	}
}

// differences shows what a change would change.
func differences(change *generate.Change) string {
	text := ""
	for _, f := range change.Files {
		if f.Status != generate.Same {
			text += f.Status.String() + " " + f.Diff()
		}
	}
	return text
}
