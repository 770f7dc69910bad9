package scaffold_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold"
)

const placesTemplate = `package views

import "strings"
import   "fmt"

templ Layout(title textt) {
	<p>{ title }</p>
}

css box(size intt) {
	width: { sizze };
}

func helper() string { return helpp }

templ Home(names []string) {
	for _, name := range nammes {
		<p class={ "é", klass }>{ fmt.Sprint(nam) }</p>
	}
	if wrong {
		<b>a</b>
	}
	if wrong {
		<b>b</b>
	} else if otherwise {
		<b>c</b>
	}
	@Layout(missing) {
		@Layout(deeper,
			further)
	}
	@absent.Component(12)
	<a href={ templ.URL(address) } disabled?={ nope } { attrs... } onclick={ script() }>y</a>
	switch kind {
		case first:
			<p>z</p>
	}
	{{ v := unknown }}
	{ v }
}
`

// Each mistake that the compiler reports in generated code is found in the template, on its line and at its column.
func TestViewPlace(t *testing.T) {
	t.Parallel()
	template := scaffold.File{Path: "home.templ", Content: []byte(placesTemplate)}
	view, err := scaffold.View(template, "v0.3.977")
	if err != nil {
		t.Fatal(err)
	}
	code := string(view.Content)
	for _, text := range []string{
		"textt", "intt", "sizze", "helpp", "nammes", "klass", "nam)", "wrong", "otherwise", "missing", "deeper", "further", "absent", "address", "nope",
		"attrs", "script()", "kind", "first", "unknown", `"strings"`, `"fmt"`,
	} {
		wanted, found := offsets(placesTemplate, text), offsets(code, text)
		if len(found) < len(wanted) {
			t.Fatalf("%s is %d times in the template and %d times in the code", text, len(wanted), len(found))
		}
		for i, at := range found {
			line, column := position(code, at)
			gotLine, gotColumn, known := scaffold.ViewPlace(template, view.Content, line, column)
			wantLine, wantColumn := position(placesTemplate, wanted[min(i, len(wanted)-1)]) // templ repeats some expressions
			if !known || gotLine != wantLine || gotColumn != wantColumn {
				t.Errorf("%s: line %d, column %d, known: %t; want line %d, column %d", text, gotLine, gotColumn, known, wantLine, wantColumn)
			}
			if gotLine, _, known := scaffold.ViewPlace(template, view.Content, line, 0); known != (text != "script()" || i > 0) || (known && gotLine != wantLine) {
				t.Errorf("%s, without its column: line %d, known: %t; want line %d", text, gotLine, known, wantLine)
			}
		}
	}
	// What templ adds has no place, nor has code that was generated from another text.
	line, column := position(code, strings.Index(code, "templruntime.GetBuffer"))
	if _, _, known := scaffold.ViewPlace(template, view.Content, line, column); known {
		t.Error("code of templ's own is found in the template")
	}
	for _, other := range []string{"", "package", code[:len(code)/2], code + "\nvar x int"} {
		if _, _, known := scaffold.ViewPlace(template, []byte(other), 10, 5); known {
			t.Errorf("a place in other code is known: %.20q", other)
		}
	}
	if _, _, known := scaffold.ViewPlace(scaffold.File{Path: "x.templ", Content: []byte("templ {")}, view.Content, 10, 5); known {
		t.Error("a place in a template that cannot be read is known")
	}
}

// offsets are where a text stands.
func offsets(in, text string) []int {
	var list []int
	for from := 0; ; {
		at := strings.Index(in[from:], text)
		if at < 0 {
			return list
		}
		list = append(list, from+at)
		from += at + len(text)
	}
}

// position counts from 1.
func position(in string, offset int) (line, column int) {
	before := in[:offset]
	return 1 + strings.Count(before, "\n"), offset - strings.LastIndex(before, "\n")
}
