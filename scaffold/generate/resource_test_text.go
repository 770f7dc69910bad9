package generate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

// TestClient makes a client that may create, and TestTeam one that may do everything.
func (r *resource) TestClient() string {
	switch {
	case !r.Auth:
		return "client := a.Client()"
	case r.Parent != nil && !r.ParentChecked():
		return "client, user := signedIn(t, a" + when(r.Owner == nil || len(r.Choices()) > 0, `, "admin"`) + ")"
	case r.Owner == nil, r.ParentChecked(), len(r.Choices()) > 0:
		return `client, _ := signedIn(t, a, "admin")`
	default:
		return "client, _ := signedIn(t, a)"
	}
}

// SecretChoice is an input that chooses among what only the team may read, or nil when no test can show it.
func (r *resource) SecretChoice() *column {
	if !r.Auth || r.Owner == nil || r.ParentChecked() {
		return nil
	}
	for _, c := range r.Choices() {
		if !c.TargetPublic {
			return &c
		}
	}
	return nil
}

// SecretParent is what is above the records of a test for SecretChoice.
func (r *resource) SecretParent() string { return when(r.Parent != nil, "\n\tparentID := user.ID") }

// TestTeam makes a client that may do everything.
func (r *resource) TestTeam() string {
	if !r.Auth {
		return "client := a.Client()"
	}
	return `client, _ := signedIn(t, a, "admin")`
}

// TestParent stores what the records of a test are below.
func (r *resource) TestParent() string {
	switch {
	case r.Parent == nil:
		return ""
	case r.Auth && !r.ParentChecked():
		return "\n\tparentID := user.ID"
	default:
		return "\n\tparentID := " + r.Parent.KitFunc() + "(t, a)"
	}
}

// TeamParent is TestParent for a client of TestTeam.
func (r *resource) TeamParent() string {
	if r.Parent == nil {
		return ""
	}
	return "\n\tparentID := " + r.Parent.KitFunc() + "(t, a)"
}

// KitFunc is the function that stores a record of the target for a test.
func (c column) KitFunc() string { return "new" + c.Target.Type }

// KitTargets are the models that tests store, each once.
func (r *resource) KitTargets() []column {
	var list []column
	for _, c := range r.Related() {
		wanted := !r.set(c) || (r.Parent != nil && r.Parent.Name == c.Name)
		if wanted && !slices.ContainsFunc(list, func(o column) bool { return o.Target.Type == c.Target.Type }) {
			list = append(list, c)
		}
	}
	return list
}

// TestTargets store what a form chooses.
func (r *resource) TestTargets() []string {
	var list []string
	for _, c := range r.Choices() {
		list = append(list, c.chosen()+" := "+c.KitFunc()+"(t, a)")
	}
	return list
}

// chosen is the variable with the key of a record to choose.
func (c column) chosen() string { return "chosen" + c.GoName }

// ListTest is the address of the list in a test, with something behind it.
func (r *resource) ListTest(behind ...string) string { return r.address("", "parentID", behind) }

// APIListTest is the same in the API.
func (r *resource) APIListTest(behind ...string) string { return r.address("/api", "parentID", behind) }

// ListOf is the address of the list that a record is on.
func (r *resource) ListOf(record string, behind ...string) string {
	return r.address("", r.parentOf(record), behind)
}

// APIListOf is the same in the API.
func (r *resource) APIListOf(record string) string { return r.address("/api", r.parentOf(record), nil) }

func (r *resource) parentOf(record string) string {
	if r.Parent == nil {
		return ""
	}
	return record + "." + r.Parent.Member()
}

func (r *resource) address(prefix, parent string, behind []string) string {
	end := strings.Join(behind, "")
	if r.Parent == nil {
		return quote(prefix + r.Name.Path + end)
	}
	return fmt.Sprintf("fmt.Sprintf(%q, %s)", prefix+r.Parent.Target.Path+"/%d"+r.Name.Path+end, parent)
}

// AddressOf is the address of a record, with something behind it.
func (r *resource) AddressOf(record string, behind ...string) string {
	return r.addressOf("", record, behind)
}

// APIAddressOf is the same in the API.
func (r *resource) APIAddressOf(record string) string { return r.addressOf("/api", record, nil) }

func (r *resource) addressOf(prefix, record string, behind []string) string {
	end := strings.Join(behind, "")
	if r.Parent == nil {
		return fmt.Sprintf("fmt.Sprintf(%q, %s.ID)", prefix+r.Name.Path+"/%d"+end, record)
	}
	return fmt.Sprintf("fmt.Sprintf(%q, %s, %s.ID)", prefix+r.Parent.Target.Path+"/%d"+r.Name.Path+"/%d"+end, r.parentOf(record), record)
}

// OwnedBySeven makes a record belong to the user 7.
func (r *resource) OwnedBySeven() string {
	switch {
	case r.Owner == nil:
		return ""
	case r.Owner.Nullable:
		return r.Owner.Member() + ": &seven"
	default:
		return r.Owner.Member() + ": 7"
	}
}

// Faults are the inputs that refuse something.
func (r *resource) Faults() []column {
	return slices.DeleteFunc(r.Inputs(), func(c column) bool { return c.Wrong() == "" })
}

// Area reports that the value stands inside of the control.
func (c column) Area() bool { return c.control() == "textarea" }

// RequiredInputs are the inputs for which something has to be given.
func (r *resource) RequiredInputs() []column {
	return slices.DeleteFunc(r.Inputs(), func(c column) bool { return !c.MustBeGiven() })
}

// SearchTest is a column by which a test can search, or nil.
func (r *resource) SearchTest() *column {
	for _, c := range r.Searched() {
		if !c.Nullable {
			return &c
		}
	}
	return nil
}

// SetSearch gives a record in a test the text that is searched for.
func (r *resource) SetSearch(record, text string) string {
	set := fmt.Sprintf("%s.%s = %q", record, r.SearchTest().Member(), text)
	if r.Parent != nil {
		set += fmt.Sprintf("; %s.%s = parentID", record, r.Parent.Member())
	}
	return set
}

// Fill are the calls that fill in a control of a form, the n-th time.
func (c column) Fill(n int) []string {
	switch c.Type {
	case field.BelongsTo, field.Many:
		return []string{fmt.Sprintf("Fill(%q, strconv.FormatInt(%s, 10))", c.Key, c.chosen())}
	case field.File:
		return []string{fmt.Sprintf(`Attach(%q, "picture.png", []byte("\x89PNG\r\n\x1a\n"))`, c.Key)}
	default:
		return []string{fmt.Sprintf("Fill(%q, %q)", c.Key, c.Typed(n))}
	}
}

// Sendable are the inputs of the API.
func (r *resource) Sendable() []column {
	return slices.DeleteFunc(r.Inputs(), column.IsFile)
}

// SentValue is what a program sends, as Go.
func (c column) SentValue(n int) string {
	switch c.Type {
	case field.BelongsTo:
		return c.chosen()
	case field.Many:
		return "[]int64{" + c.chosen() + "}"
	default:
		return c.Sent(n)
	}
}

// Differs is the rest of an if statement that complains when the value is not the n-th one; empty when it cannot tell.
func (c column) Differs(record string, n int) string {
	value := record + "." + c.Member()
	got, want := value, quote(c.Typed(n))
	if c.Pointer() {
		got = "*" + value
	}
	condition := ""
	switch c.Type {
	case field.String, field.Text, field.Enum:
	case field.Int, field.BigInt, field.Float:
		want = c.Typed(n)
	case field.Bool:
		condition = "!" + got
	case field.Decimal, field.Date, field.UUID:
		got = value + ".String()"
	case field.Time:
		got = value + `.UTC().Format("2006-01-02T15:04")`
	case field.BelongsTo:
		want = c.chosen()
	default:
		return ""
	}
	if condition == "" {
		condition = got + " != " + want
	}
	if c.Pointer() {
		condition = value + " == nil || " + condition
	}
	return fmt.Sprintf("%s {\n\t\tt.Errorf(\"%s = %%v\", %s)\n\t}", condition, c.Key, value)
}

// RequiredFields are the columns whose zero value the model refuses. Of numbers 0 is a value, which nobody can tell from
// nothing once it is stored.
func (r *resource) RequiredFields() []column {
	numbers := []field.Type{field.Int, field.BigInt, field.Float, field.Decimal}
	return r.where(func(c column) bool { return c.MustBeGiven() && !c.IsMany() && !slices.Contains(numbers, c.Type) })
}

// UniqueFields are the columns of which no two rows have the same.
func (r *resource) UniqueFields() []column {
	return r.where(func(c column) bool { return c.Unique && c.Type != field.BelongsTo })
}

// SetUnique gives the first record of a test a value where the factory leaves it out.
func (c column) SetUnique(model string) string {
	if !c.Nullable {
		return ""
	}
	value := strings.NewReplacer("Unique(", "factory.Unique(", "Number()", "factory.Number()").Replace(c.factoryValue())
	return fmt.Sprintf(", func(first *models.%s) { value := %s; first.%s = &value }", model, value, c.Member())
}

// Same is the rest of an if statement that complains when two records differ; empty when it cannot tell.
func (c column) Same(got, want string) string {
	got, want = got+"."+c.Member(), want+"."+c.Member()
	condition := got + " != " + want
	switch {
	case c.Pointer(), c.Type == field.JSON:
		return ""
	case c.Type == field.Time, c.Type == field.Decimal:
		condition = "!" + got + ".Equal(" + want + ")"
	}
	return fmt.Sprintf("%s {\n\t\tt.Errorf(\"%s = %%v, want %%v\", %s, %s)\n\t}", condition, c.Key, got, want)
}
