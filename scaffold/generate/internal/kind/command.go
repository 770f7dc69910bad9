package kind

import (
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/insert"
)

func commandKind() Kind {
	return Kind{
		Name: "command", Use: "NAME [FIELD…]", Fields: true,
		Short:      "a command of the application, with fields as its flags",
		Example:    "  covet generate command send_digest days:int since:date",
		recordName: noun.RecordName("command"), plan: planCommand,
	}
}

// reservedCommands are those of every application, and of covet itself.
var reservedCommands = strings.Fields(`
	check completion config console db destroy dev doctor eject exit-codes generate health help migrate new routes run seed serve stop test upgrade views
	version worker`)

func planCommand(r *request) (*change.Plan, error) {
	data, err := r.data("command", "app/commands")
	if err != nil {
		return nil, err
	}
	if slices.Contains(reservedCommands, data.Dashed) {
		return nil, noun.Refuse("command", r.name, "covet has a command "+data.Dashed+" already")
	}
	if err := data.RefuseField("command", "help"); err != nil {
		return nil, err
	}
	if err := noun.RefuseDeclared(r.Project, "command", r.name, "app/commands", r.own, data.Var+"Options"); err != nil {
		return nil, err
	}
	out := &change.Plan{
		Edits:    []insert.Edit{commandEdit(data.Type)},
		Requires: append(data.Modules(), "github.com/spf13/cobra"),
		Notes:    []string{"Next: covet " + data.Dashed},
	}
	file := "app/commands/" + data.Snake
	return out, r.render(out, data, nil,
		render.Part{Template: "command/command.go", Target: file + ".go"},
		render.Part{Template: "command/command_test.go", Target: file + "_test.go"})
}
