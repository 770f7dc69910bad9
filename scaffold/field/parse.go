package field

import (
	"regexp"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
)

// Parse reads fields as they are written on a command line, one an argument. What it returns can be used together: no
// two have the same name in Go or in the database. The first fault is returned as an [*Error].
func Parse(args []string) ([]Field, error) {
	var fields []Field
	for _, arg := range args {
		p := &parser{arg: arg}
		f, err := p.field()
		if err == nil {
			err = checkNames(f, fields, arg)
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	for i, arg := range args {
		if err := checkTogether(fields[i], fields, arg); err != nil {
			return nil, err
		}
	}
	return fields, nil
}

// parser reads one argument from left to right.
type parser struct {
	arg string
	pos int
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

func (p *parser) fail(at int, problem, suggestion string) error {
	return &Error{Arg: p.arg, Column: at + 1, Problem: problem, Suggestion: suggestion}
}

// until reads up to one of the characters, or to the end.
func (p *parser) until(stops string) string {
	rest := p.arg[p.pos:]
	if i := strings.IndexAny(rest, stops); i >= 0 {
		rest = rest[:i]
	}
	p.pos += len(rest)
	return rest
}

func (p *parser) take(prefix string) bool {
	if !strings.HasPrefix(p.arg[p.pos:], prefix) {
		return false
	}
	p.pos += len(prefix)
	return true
}

func (p *parser) field() (Field, error) {
	f := Field{Name: p.until(":!?")}
	if !namePattern.MatchString(f.Name) {
		return f, p.fail(0, "a name consists of lower-case letters, digits and _, starting with a letter", snake(f.Name))
	}
	if !p.take(":") {
		return f, p.fail(p.pos, "the type after the name is missing", f.Name+":string")
	}
	at := p.pos
	written := p.until(":!?({")
	var known bool
	if f.Type, known = typeOf(written); !known {
		return f, p.fail(at, "there is no type "+written, closest(written, typeWords()))
	}
	if f.Type.hasArgs() {
		if err := p.args(&f); err != nil {
			return f, err
		}
	}
	if base, ok := bases[f.Type]; ok {
		f.Format, f.Type, f.Size = f.Type, base.Type, base.size
	}
	f.name()
	if err := p.modifiers(&f); err != nil {
		return f, err
	}
	return f, nil
}

// args reads what belongs to the type: (80), (10,2), (draft,live), or the last two behind a colon, as the model of a
// relation is.
func (p *parser) args(f *Field) error {
	at := p.pos
	var text string
	switch {
	case !f.Type.isRelation() && p.take("("):
		at = p.pos
		text = p.until(")")
		if !p.take(")") {
			return p.fail(p.pos, "the closing parenthesis is missing", "")
		}
	case f.Type == String || f.Type.IsFile():
		return nil
	case p.take(":"):
		at = p.pos
		if text = p.until(":!?"); text == "" && f.Type.isRelation() {
			return p.fail(at, "the model is missing after "+string(f.Type), f.Name+":"+string(f.Type)+":"+inflect.Singular(f.Name))
		}
	}
	switch f.Type {
	case String:
		return p.size(f, text, at)
	case Decimal:
		return p.digits(f, text, at)
	case Money:
		return p.currency(f, text, at)
	case Enum:
		return p.values(f, text, at)
	case File, Image:
		return p.kinds(f, text, at)
	default:
		return p.target(f, text, at)
	}
}

// target reads the model of a relation, which is called like the field unless it is named.
func (p *parser) target(f *Field, text string, at int) error {
	if text == "" {
		text = inflect.Singular(f.Name)
	}
	target, err := inflect.ParseModel(text)
	if err != nil {
		return p.fail(at, err.Error(), "")
	}
	f.Target = target
	return nil
}

// name derives the names from the one that was written.
func (f *Field) name() {
	f.GoName, f.Key = inflect.GoName(f.Name), f.Name
	switch f.Type {
	case BelongsTo:
		f.Key = f.Name + "_id"
		f.GoKey = f.GoName + "ID"
	case Many:
		f.Key = inflect.Singular(f.Name) + "_ids"
		f.GoKey = inflect.GoName(inflect.Singular(f.Name)) + "IDs"
		return
	default:
		f.GoKey = f.GoName
	}
	f.Column = f.Key
	f.ColumnTag = inflect.Column(f.GoKey) != f.Column
}

// modifiers reads what else is said of a field.
func (p *parser) modifiers(f *Field) error {
	for p.pos < len(p.arg) {
		at := p.pos
		if value, ok := strings.CutPrefix(p.arg[at:], ":default="); ok {
			p.pos = len(p.arg) // a value may have colons in it
			if err := p.defaultValue(f, value, at); err != nil {
				return err
			}
			continue
		}
		word := p.modifier()
		if name, with, ok := together(word); ok {
			if err := p.together(f, name, with, at); err != nil {
				return err
			}
			continue
		}
		if err := p.flag(f, word, at); err != nil {
			return err
		}
	}
	if f.Required && f.Nullable {
		return p.fail(0, "a field cannot be both required (!) and nullable (?)", "")
	}
	if f.Unique && f.Index {
		return p.fail(0, "a unique field already has an index", strings.Replace(f.String(), ":index", "", 1))
	}
	if f.Unique && f.Default != nil {
		return p.fail(0, "a unique field cannot have a default", "")
	}
	f.Unique = f.Unique || f.Format == Slug // it is the address of a page
	return nil
}

// modifier reads ! or ? as the word that it stands for, or a word behind a colon.
func (p *parser) modifier() string {
	switch {
	case p.take("!"):
		return "required"
	case p.take("?"):
		return "nullable"
	case p.take(":"):
		return p.until(":!?")
	default: // something stands where only these may
		return p.until(":!?")
	}
}

func (p *parser) flag(f *Field, word string, at int) error {
	flags := map[string]struct {
		set  *bool
		sign string
	}{
		"required": {&f.Required, "!"}, "nullable": {&f.Nullable, "?"}, "unique": {&f.Unique, "u"}, "index": {&f.Index, "i"},
	}
	flag, ok := flags[word]
	switch {
	case !ok && strings.ContainsRune("({", rune(p.arg[at])):
		return p.fail(at, string(f.Word())+" does not accept parentheses", "")
	case !ok && p.arg[at] != ':':
		return p.fail(at, "expected !, ?, : or the end", "")
	case !ok:
		return p.fail(at+1, "there is no modifier "+quoted(word), closest(word, modifierWords))
	case !f.Word().allows(flag.sign):
		return p.fail(at, modifierProblem(f.Word(), word), "")
	case *flag.set:
		return p.fail(at, "the modifier is repeated: "+word, "")
	}
	*flag.set = true
	return nil
}

var modifierWords = []string{"required", "nullable", "unique", "index", "default="}

// modifierProblem returns why a type does not allow a modifier.
func modifierProblem(t Type, word string) string {
	switch {
	case t == Bool && word == "required":
		return "a bool cannot be required, because false is a value"
	case t.IsFile() && word == "nullable":
		return "a file is always optional and need not be nullable"
	case t == Slug && word == "index":
		return "a slug is unique, and has an index"
	case t == Slug:
		return "a slug is the address of a page, so that every row has one of its own"
	case t == URL && word != "default":
		return "a url has no index: it may be longer than what databases index"
	case (t == Email || t == URL) && word == "default":
		return "two rows hardly have the same " + string(t)
	case t == BelongsTo && word == "default":
		return "belongs_to cannot have a default, because the row may be deleted"
	case t == Many:
		return "many does not accept modifiers, because it is stored in a join table"
	case word == "index" || word == "unique":
		return string(t) + " cannot have an index, because databases do not index values of unlimited length"
	default:
		return string(t) + " cannot be " + word
	}
}

func quoted(word string) string {
	if word == "" {
		return "behind the colon"
	}
	return word
}

// snake makes a name out of a refused one.
func snake(text string) string {
	text = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, text)
	return strings.Join(inflect.Words(strings.TrimLeft(text, "0123456789_")), "_")
}
