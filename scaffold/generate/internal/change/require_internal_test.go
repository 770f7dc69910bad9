package change

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// Applications get the versions and checksums that Covet is tested with.
func TestRequirementsAreThoseOfCovet(t *testing.T) {
	t.Parallel()
	root := "../../../../"
	text, err := os.ReadFile(root + "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range mod.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	sums, err := os.ReadFile(root + "go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for path, needed := range requirements {
		if versions[path] != needed.version {
			t.Errorf("%s %s is generated, and Covet requires %s", path, needed.version, versions[path])
		}
		if (needed.importer == "") != (len(needed.lines(path)) == 0) {
			t.Errorf("%s has %d lines for go.sum", path, len(needed.lines(path)))
		}
		for _, line := range needed.lines(path) {
			if !strings.Contains(string(sums), line+"\n") {
				t.Errorf("go.sum of Covet has no line %s", line)
			}
		}
	}
}
