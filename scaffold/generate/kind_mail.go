package generate

func mailKind() Kind {
	return Kind{
		Name: "mail", Use: "NAME [FIELD…]", Fields: true,
		Short:   "a mail, with its text and a test that sends it",
		Example: "  covet generate mail welcome name:string\n  covet generate mail invoice number:bigint 'total:decimal(10,2)'",
		name:    wordName("mail"), plan: planMail,
	}
}

func planMail(p *Project, r request) (*plan, error) {
	data, err := p.wordData("mail", "app/mails", r)
	if err != nil {
		return nil, err
	}
	if err := refuseFields("mail", data.Fields, "message"); err != nil {
		return nil, err
	}
	if err := p.refuseTaken("mail", r.name, "app/mails", r.own, data.Var+"Body"); err != nil {
		return nil, err
	}
	declared, err := p.declared("app/mails", r.own)
	if err != nil {
		return nil, err
	}
	if declared["frame"] == "" {
		return nil, &UsageError{
			Problem: "app/mails has no view frame, which is the look of every mail",
			Hint:    "Write templ frame(title string) there, or change .covet/templates/mail: covet generate --templates mail/mail.templ",
		}
	}
	out := &plan{
		requires: modulesOf(columns(data.Fields)),
		notes:    []string{"Next: a.Mail.Send(ctx, mails." + data.Type + "{…}.Message(address))"},
	}
	file := "app/mails/" + data.Snake
	return out, p.renderAll(out, data, nil,
		part{"mail/mail.go", file + ".go"}, part{"mail/mail.templ", file + ".templ"}, part{"mail/mail_test.go", file + "_test.go"})
}
