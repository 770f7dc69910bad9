package field

import (
	"slices"
	"strings"
)

// together splits unique(user,post), or the same as unique=user,post, which shells leave alone.
func together(word string) (name string, with []string, ok bool) {
	name, rest, ok := strings.Cut(word, "=")
	if !ok {
		if name, rest, ok = strings.Cut(word, "("); ok {
			rest, ok = strings.CutSuffix(rest, ")")
		}
	}
	if !ok || (name != "unique" && name != "index") {
		return "", nil, false
	}
	return name, strings.Split(rest, ","), true
}

// together makes the field the last of an index over several columns.
func (p *parser) together(f *Field, name string, with []string, at int) error {
	list, sign := &f.UniqueWith, "u"
	if name == "index" {
		list, sign = &f.IndexWith, "i"
	}
	switch {
	case p.arg[at] != ':':
		return p.fail(at, "expected !, ?, : or the end", "")
	case !f.Type.allows(sign):
		return p.fail(at, modifierProblem(f.Type, name), "")
	case len(*list) > 0:
		return p.fail(at, "the modifier is repeated: "+name, "")
	}
	*list = with
	return nil
}

// stamps are the columns that every table has and an index over several may begin with.
var stamps = []string{"created_at", "updated_at"}

// checkTogether refuses an index over several columns that the fields do not have, or that no database has use for.
func checkTogether(f Field, fields []Field, arg string) error {
	fail := func(problem string) error { return &Error{Arg: arg, Column: 1, Problem: problem} }
	if f.Unique && len(f.UniqueWith) > 0 {
		return fail("a unique field is also unique together with others")
	}
	for _, with := range [][]string{f.UniqueWith, f.IndexWith} {
		for i, name := range with {
			at := slices.IndexFunc(fields, func(other Field) bool { return other.Name == name })
			sign := "i"
			if len(f.UniqueWith) > 0 && &with[0] == &f.UniqueWith[0] {
				sign = "u"
			}
			switch {
			case name == f.Name:
				return fail("list only the other fields in parentheses, not " + f.Name)
			case slices.Contains(with[:i], name):
				return fail(name + " is listed twice")
			case at < 0 && sign == "i" && slices.Contains(stamps, name):
			case at < 0:
				return fail("there is no field " + quotedName(name) + " to combine it with")
			case !fields[at].Type.allows(sign):
				return fail(modifierProblem(fields[at].Type, "index"))
			}
		}
	}
	return nil
}

func quotedName(name string) string {
	if name == "" {
		return "without a name"
	}
	return name
}
