package generate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

// when returns the text if it is wanted.
func when(wanted bool, text string) string {
	if !wanted {
		return ""
	}
	return text
}

// EchoPath is the address of the list in routes of echo.
func (r *resource) EchoPath() string { return r.path(":", "") }

// APIPath is the address of the list in endpoints.
func (r *resource) APIPath() string { return r.path("{", "}") }

func (r *resource) path(open, end string) string {
	if r.Parent == nil {
		return r.Name.Path
	}
	return r.Parent.Target.Path + "/" + open + r.Parent.Key + end + r.Name.Path
}

// Guard stands before what changes something, ReadGuard before what only reads.
func (r *resource) Guard() string     { return when(r.Auth, ", signedIn") }
func (r *resource) ReadGuard() string { return when(r.Auth && !r.Public, ", signedIn") }

// AnyScope lets access tokens through to the policy, which knows their scopes.
func (r *resource) AnyScope() string { return when(r.Auth, ", api.AnyScope()") }

// ActorField is the dependency that endpoints for reading have.
func (r *resource) ActorField() string {
	switch {
	case !r.Auth:
		return ""
	case r.Public:
		return "\n\tapi.OptionalActor"
	default:
		return "\n\tapi.Actor"
	}
}

// WriterField is the dependency that endpoints for changing have.
func (r *resource) WriterField() string { return when(r.Auth, "\n\tapi.Actor") }

// ParentParam, ParentArg and ParentIn hand on the key of the parent: as a parameter, a variable, a field of the input.
func (r *resource) ParentParam() string { return r.parent(", %sID int64") }

// ParentArg is the key of the parent as an argument.
func (r *resource) ParentArg() string { return r.parent(", %sID") }

func (r *resource) parent(format string) string {
	if r.Parent == nil {
		return ""
	}
	return fmt.Sprintf(format, r.Parent.Local())
}

// ParentIn is the key of the parent from the input of an endpoint.
func (r *resource) ParentIn() string {
	if r.Parent == nil {
		return ""
	}
	return ", in." + r.Parent.Member()
}

// ParentPathField is the key of the parent in the input of an endpoint.
func (r *resource) ParentPathField() string {
	if r.Parent == nil {
		return ""
	}
	return fmt.Sprintf("\n\t%s int64 `path:%q minimum:\"1\"`", r.Parent.Member(), r.Parent.Key)
}

// ParentFromPath reads the key of the parent from the address of a page.
func (r *resource) ParentFromPath() string {
	if r.Parent == nil {
		return ""
	}
	return fmt.Sprintf("\n\t%sID, err := key(c, %q)\n\tif err != nil {\n\t\treturn err\n\t}", r.Parent.Local(), r.Parent.Key)
}

// ParentChecked reports that whoever creates has to be allowed to read the parent.
func (r *resource) ParentChecked() bool {
	return r.Parent != nil && r.Auth && (r.Owner == nil || r.Owner.Name != r.Parent.Name)
}

// NewValues are the fields of a record that is not stored yet.
func (r *resource) NewValues() string {
	var values []string
	if r.Parent != nil {
		values = append(values, r.Parent.Member()+": "+r.Parent.Local()+"ID")
	}
	for _, c := range r.Filled() {
		if c.Default != nil && !c.Nullable {
			if literal := c.literal(*c.Default); literal != "" {
				values = append(values, c.Member()+": "+literal)
			}
		}
	}
	return strings.Join(values, ", ")
}

// literal is a default as Go, or empty where the database alone knows it.
func (c column) literal(value string) string {
	switch c.Type {
	case field.String, field.Text, field.Enum:
		return quote(value)
	case field.Int, field.BigInt, field.Float, field.Bool:
		return value
	case field.Decimal:
		return "decimal.RequireFromString(" + quote(value) + ")"
	case field.JSON:
		return "json.RawMessage(" + quote(value) + ")"
	case field.UUID:
		return "uuid.MustParse(" + quote(value) + ")"
	case field.Date, field.Time:
		return moment(c.Type, value)
	default:
		return ""
	}
}

// moment is a date or a time as Go.
func moment(t field.Type, value string) string {
	if day, err := time.Parse(time.DateOnly, value); err == nil && t == field.Date {
		return fmt.Sprintf("covetmodels.NewDate(%d, %d, %d)", day.Year(), day.Month(), day.Day())
	}
	at, err := time.Parse(time.RFC3339Nano, value)
	if err != nil || t != field.Time {
		return ""
	}
	at = at.UTC()
	return fmt.Sprintf("time.Date(%d, %d, %d, %d, %d, %d, %d, time.UTC)",
		at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond())
}

// FillValue is what an input gives the model: the default where its zero value is none.
func (c column) FillValue() string {
	value := "in." + c.Member()
	if c.Default == nil || c.Nullable {
		return value
	}
	switch c.Type {
	case field.Enum, field.Date, field.Time, field.UUID:
		return "cmp.Or(" + value + ", " + c.literal(*c.Default) + ")"
	default:
		return value
	}
}

// EmptyJSON is what stands for nothing in a column of JSON, as Go; empty for other columns.
func (c column) EmptyJSON() string {
	switch {
	case c.Type != field.JSON || c.Nullable:
		return ""
	case c.Default != nil:
		return quote(*c.Default)
	default:
		return quote("{}")
	}
}

// JSONs are the inputs of JSON.
func (r *resource) JSONs() []column {
	return r.where(func(c column) bool { return c.Type == field.JSON })
}

// Guarded reports that relations are chosen which not everybody may read.
func (r *resource) Guarded() bool { return r.Auth && len(r.Choices()) > 0 }

// NullableChoices are the relations that may be absent.
func (r *resource) NullableChoices() []column {
	return slices.DeleteFunc(r.Choices(), func(c column) bool { return c.IsMany() || !c.Nullable })
}

// Keys are the keys that an input chooses, as a list.
func (c column) Keys(input string) string {
	value := input + "." + c.Member()
	switch {
	case c.IsMany():
		return value
	case c.Nullable:
		return "keysOf(" + value + ")"
	default:
		return "[]int64{" + value + "}"
	}
}

// NewContext reports whether creating asks who acts, or the database.
func (r *resource) NewContext() bool { return r.Auth || r.Parent != nil }

// ListURL is the address of the list on a page about a record, ListURLInList that on the list itself.
func (r *resource) ListURL() string {
	if r.Parent == nil {
		return "listAddress"
	}
	return "listAddress(" + r.Var() + "." + r.Parent.Member() + ")"
}

// ListURLInList is the address of the list on the list.
func (r *resource) ListURLInList() string {
	if r.Parent == nil {
		return "listAddress"
	}
	return "listAddress(" + r.Parent.Local() + "ID)"
}

// HeadingText is what a record is called, as Go.
func (r *resource) HeadingText() string {
	if heading := r.Heading(); heading != nil {
		return r.Var() + "." + heading.Member()
	}
	return fmt.Sprintf("fmt.Sprintf(%q, %s.ID)", r.Name.Title+" %d", r.Var())
}

// FirstShown is the text that leads from the list to a record.
func (r *resource) FirstShown() string { return "{ " + r.HeadingText() + " }" }

// Cells are the columns of the list besides the first.
func (r *resource) Cells() []column {
	listed := r.Listed()
	if r.Heading() != nil {
		return listed[1:]
	}
	return listed[:min(4, len(listed))]
}

// Detailed are the columns of the page about a record.
func (r *resource) Detailed() []column {
	heading := r.Heading()
	return r.where(func(c column) bool { return heading == nil || c.Name != heading.Name })
}

// Outputs are the fields that the API shows besides the inputs, and OutputValues their values.
func (r *resource) Outputs() []string {
	var fields []string
	for _, c := range r.Columns() {
		switch {
		case c.IsFile():
			fields = append(fields, fmt.Sprintf("// Has%s reports whether there is a file.\n\tHas%s bool `json:\"has_%s\"`", c.Member(), c.Member(), c.Key))
		case r.set(c):
			fields = append(fields, fmt.Sprintf("%s %s `json:%q`", c.Member(), c.ModelType(), c.Key))
		}
	}
	return fields
}

// OutputValues are the values of Outputs.
func (r *resource) OutputValues() []string {
	var values []string
	for _, c := range r.Columns() {
		switch {
		case c.IsFile():
			values = append(values, fmt.Sprintf("Has%s: %s.%s != \"\"", c.Member(), r.Var(), c.Member()))
		case r.set(c):
			values = append(values, fmt.Sprintf("%s: %s.%s", c.Member(), r.Var(), c.Member()))
		}
	}
	return values
}

// target is a model that is related to.
type target struct {
	column
	Many bool
}

// Targets are the models that are related to, each once.
func (r *resource) Targets() []target {
	var list []target
	for _, c := range r.Related() {
		at := slices.IndexFunc(list, func(t target) bool { return t.Target.Type == c.Target.Type })
		if at < 0 {
			list = append(list, target{c, c.IsMany()})
			continue
		}
		list[at].Many = list[at].Many || c.IsMany()
	}
	return list
}

// LabelFunc is the function that says what a record of the target is called.
func (c column) LabelFunc() string { return "labelOf" + c.Target.Type }

// ChoiceOrder is how records to choose from are sorted.
func (c column) ChoiceOrder() string {
	if c.TargetLabel == "" {
		return "id"
	}
	return inflect.Column(c.TargetLabel) + ", id"
}

// ChoiceVar is a variable for the records to choose from.
func (c column) ChoiceVar() string { return lowerFirst(c.GoName) + "Choices" }

// Chosen are the keys that an input chooses, as Go.
func (c column) Chosen() string {
	switch {
	case c.IsMany():
		return "input." + c.Member()
	case c.Nullable:
		return "[]*int64{input." + c.Member() + "}"
	default:
		return "[]int64{input." + c.Member() + "}"
	}
}

// TargetHuman and TargetHumans are the names of the target inside of sentences.
func (c column) TargetHuman() string  { return human(c.Target.Title) }
func (c column) TargetHumans() string { return human(c.Target.Titles) }

// ShownWhole is the value on the page about the record, in templ.
func (c column) ShownWhole(record string) string {
	switch {
	case c.IsFile():
		return fmt.Sprintf("\n\t\t\tif %s.%s != \"\" {\n\t\t\t\t<a href={ templ.URL(address(%s) + \"/%s\") }>Open</a>\n\t\t\t} else {\n\t\t\t\t–\n\t\t\t}\n\t\t\t",
			record, c.Member(), record, c.Slug())
	default:
		return c.Shown(record)
	}
}

func lowerFirst(name string) string {
	for i, r := range name {
		if r < 'A' || r > 'Z' {
			if i > 1 {
				i-- // an initialism ends before the last capital
			}
			return strings.ToLower(name[:i]) + name[i:]
		}
	}
	return strings.ToLower(name)
}
