package generate

import (
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/insert"
)

func commandKind() Kind {
	return Kind{
		Name: "command", Use: "NAME [FIELD…]", Fields: true,
		Short:   "a command of the application, with fields as its flags",
		Example: "  covet generate command send_digest days:int since:date",
		name:    wordName("command"), plan: planCommand,
	}
}

// reservedCommands are those of every application, and of covet itself.
var reservedCommands = strings.Fields(`
	check completion config console db destroy dev doctor eject exit-codes generate health help migrate new routes run seed serve stop test upgrade views
	version worker`)

func planCommand(p *Project, r request) (*plan, error) {
	data, err := p.wordData("command", "app/commands", r)
	if err != nil {
		return nil, err
	}
	if slices.Contains(reservedCommands, data.Dashed) {
		return nil, refuseWord("command", r.name, "covet has a command "+data.Dashed+" already")
	}
	if err := refuseFields("command", data.Fields, "help"); err != nil {
		return nil, err
	}
	if err := p.refuseTaken("command", r.name, "app/commands", r.own, data.Var+"Options"); err != nil {
		return nil, err
	}
	out := &plan{
		edits:    []insert.Edit{commandEdit(data.Type)},
		requires: append(modulesOf(columns(data.Fields)), "github.com/spf13/cobra"),
		notes:    []string{"Next: covet " + data.Dashed},
	}
	file := "app/commands/" + data.Snake
	return out, p.renderAll(out, data, nil, part{"command/command.go", file + ".go"}, part{"command/command_test.go", file + "_test.go"})
}

// commandEdit adds a command.
func commandEdit(code string) insert.Edit {
	return insert.Edit{
		Dir: "app/commands", Prefer: "commands.go", Code: code, Hint: "in the list of app/commands/commands.go",
		Place: insert.List{Elem: libraryPath + "/app/command.Constructor"},
	}
}

// Flag is the statement that defines the flag of a value.
func (s scalar) Flag() string {
	method, zero := "TextVar", s.GoType()+"{}"
	switch s.Type {
	case field.String, field.Text:
		method, zero = "StringVar", `""`
	case field.Int:
		method, zero = "IntVar", "0"
	case field.BigInt:
		method, zero = "Int64Var", "0"
	case field.Float:
		method, zero = "Float64Var", "0"
	case field.Bool:
		method, zero = "BoolVar", "false"
	}
	return "flags." + method + "(&o." + s.GoName + ", " + quote(s.Slug()) + ", " + zero + ", " + quote(s.Human) + ")"
}

// GoType is the type in Go.
func (s scalar) GoType() string { return goTypes[s.Type] }

// Printed is the value as text, in Go.
func (s scalar) Printed(of string) string {
	switch value := of + "." + s.GoName; s.Type {
	case field.Time:
		return value + ".Format(time.RFC3339)"
	default:
		return value
	}
}

// FlagText is the n-th example as an argument of the command.
func (s scalar) FlagText(n int) string { return "--" + s.Slug() + "=" + s.Encoded(n) }

// FlagExample is an example for people, inside of a Go string.
func (s scalar) FlagExample() string {
	if s.Textual() {
		return "--" + s.Slug() + "=text"
	}
	return s.FlagText(1)
}
