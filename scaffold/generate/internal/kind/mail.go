package kind

import (
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
)

func mailKind() Kind {
	return Kind{
		Name: "mail", Use: "NAME [FIELD…]", Fields: true,
		Short:      "a mail, with its text and a test that sends it",
		Example:    "  covet generate mail welcome name:string\n  covet generate mail invoice number:bigint 'total:decimal(10,2)'",
		recordName: noun.RecordName("mail"), plan: planMail,
	}
}

func planMail(r *request) (*change.Plan, error) {
	data, err := r.data("mail", "app/mails")
	if err != nil {
		return nil, err
	}
	if err := data.RefuseField("mail", "message"); err != nil {
		return nil, err
	}
	if err := noun.RefuseDeclared(r.Project, "mail", r.name, "app/mails", r.own, data.Var+"Body"); err != nil {
		return nil, err
	}
	declared, err := r.Declared("app/mails", nil)
	if err != nil {
		return nil, err
	}
	if declared["frame"] == "" {
		return nil, &usage.Error{
			Problem: "app/mails has no component frame, the layout of every mail",
			Hint:    "Add templ frame(title string), or change the template: covet generate --templates mail/mail.templ",
		}
	}
	out := &change.Plan{
		Requires: data.Modules(),
		Notes:    []string{"Next: a.Mail.Send(ctx, mails." + data.Type + "{…}.Message(address))"},
	}
	file := "app/mails/" + data.Snake
	return out, r.render(out, data, nil,
		render.Part{Template: "mail/mail.go", Target: file + ".go"}, render.Part{Template: "mail/mail.templ", Target: file + ".templ"},
		render.Part{Template: "mail/mail_test.go", Target: file + "_test.go"})
}
