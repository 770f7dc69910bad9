package resource

import (
	"testing"

	"github.com/covetgo/covet/scaffold/inflect"
)

// namesOfColumns are the names of columns, separated by spaces.
func namesOfColumns(list []Column) string {
	names := ""
	for _, c := range list {
		names += c.Name + " "
	}
	return names
}

func TestFormatsInLists(t *testing.T) {
	t.Parallel()
	name, err := inflect.Parse("post")
	if err != nil {
		t.Fatal(err)
	}
	r := &Resource{Name: Name{name}, Fields: columns(t,
		"handle:slug", "contact:email:index", "site:url", "tint:color:index", "body:markdown", "title:string", "code:string:index", "price:money(EUR)")}
	for what, test := range map[string]struct{ got, want string }{
		"searched": {namesOfColumns(r.Searched()), "handle contact site body title code "},
		"prefixed": {namesOfColumns(r.Prefixed()), "handle contact code "},
		"listed":   {namesOfColumns(r.Listed()), "title handle contact tint code "},
		"heading":  {r.Heading().Name, "title"},
		"slug":     {r.BySlug().Name, "handle"},
		"search":   {r.SearchColumn().Name, "body"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s, want %s", what, test.got, test.want)
		}
	}
	r.Fields = columns(t, "handle:slug", "contact:email")
	if got := r.Heading().Name; got != "contact" {
		t.Errorf("without other text the heading is %s", got)
	}
}
