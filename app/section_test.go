package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	covet "github.com/covetgo/covet/app"
)

type sectioned struct {
	name     string
	sections []covet.Section
}

var (
	_ covet.Module          = sectioned{}
	_ covet.SectionProvider = sectioned{}
)

func (s sectioned) Name() string                   { return s.name }
func (s sectioned) AdminSections() []covet.Section { return s.sections }

func TestSectionsReachTheAdminInAnyOrder(t *testing.T) {
	t.Parallel()
	a := newApp(t, testConfig(t))
	if err := a.Use(sectioned{
		"before",
		[]covet.Section{{Name: "one", Nav: []covet.NavEntry{{Title: "One"}}}},
	}); err != nil {
		t.Fatal(err)
	}
	var shown []covet.Section
	if err := a.EachSection(func(s covet.Section) error { shown = append(shown, s); return nil }); err != nil {
		t.Fatal(err)
	}
	later := covet.Section{
		Name:   "two",
		Access: []string{"two.count"},
		Nav:    []covet.NavEntry{{Title: "Two", Group: "Shop", Access: []string{"two.list"}}},
	}
	if err := a.Use(sectioned{"after", []covet.Section{later}}); err != nil {
		t.Fatal(err)
	}
	want := []covet.Section{
		{
			Name: "one", Access: []string{"one.read"},
			Nav: []covet.NavEntry{{Title: "One", Group: "System", Access: []string{"one.read"}}},
		},
		later,
	}
	if diff := cmp.Diff(want, shown, cmpopts.IgnoreFields(covet.Section{}, "Routes")); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
}

func TestFaultySectionsAreRefused(t *testing.T) {
	t.Parallel()
	render := func(context.Context, covet.Admin) (templ.Component, error) { return templ.NopComponent, nil }
	for name, c := range map[string]struct {
		sections []covet.Section
		want     []string
	}{
		"no name": {[]covet.Section{{}}, []string{`admin section ""`, "lower-case letters, digits and hyphens"}},
		"a path":  {[]covet.Section{{Name: "a/b"}}, []string{`admin section "a/b"`}},
		"twice":   {[]covet.Section{{Name: "a"}, {Name: "a"}}, []string{"another section has this name"}},
		"all at once": {
			[]covet.Section{{Name: "a", Nav: []covet.NavEntry{{}}, Widgets: []covet.Widget{{}}}},
			[]string{"Nav[0] needs a Title", "Widgets[0] needs Render"},
		},
		"no permission": {[]covet.Section{{
			Name: "a", Widgets: []covet.Widget{{Render: render}},
			Permissions: []covet.Permission{{}},
		}}, []string{"Permissions[0] needs a Name"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := newApp(t, testConfig(t)).Use(sectioned{"m", c.sections})
			if err == nil {
				t.Fatal("Use accepted the section")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q: %v", want, err)
				}
			}
		})
	}
}
