package doctor

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/scaffold/generate"
)

func checkPlaces(_ context.Context, p *inspection) outcome {
	project, err := generate.Open(p.Root)
	if err != nil {
		return warning("not checked: "+err.Error(), "see docs/generators.md of Covet")
	}
	missing, err := project.MissingPlaces()
	if err != nil {
		return warning("not checked: "+err.Error(), "see docs/generators.md of Covet")
	}
	if len(missing) == 0 {
		return passed("generators find where to insert code")
	}
	var names, restore []string
	for _, place := range missing {
		names = append(names, place.Name)
		restore = append(restore, fmt.Sprintf("%s %s", place.Want, place.Hint))
	}
	return warning("generators cannot find where to insert code for: "+abbreviate(names), "restore "+abbreviate(restore))
}

func checkGenerated(_ context.Context, p *inspection) outcome {
	project, err := generate.Open(p.Root)
	if err != nil {
		return warning("not checked: "+err.Error(), "see docs/generators.md of Covet")
	}
	missing, err := project.Disconnected()
	if err != nil {
		return failed(err.Error(), "git checkout -- .covet/generated")
	}
	if len(missing) == 0 {
		return passed("generated code is connected")
	}
	var what, restore []string
	for _, d := range missing {
		what = append(what, fmt.Sprintf("%s of %s %s", d.Code, d.Kind, d.Name))
		restore = append(restore, fmt.Sprintf("%s %s", d.Code, d.Hint))
	}
	last := missing[0]
	return warning("missing: "+abbreviate(what), fmt.Sprintf("add %s, or remove the generated code: covet destroy %s %s",
		abbreviate(restore), last.Kind, last.Name))
}
