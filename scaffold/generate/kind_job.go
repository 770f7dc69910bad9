package generate

import "github.com/covetgo/covet/scaffold/insert"

func jobKind() Kind {
	return Kind{
		Name: "job", Use: "NAME [FIELD…]", Fields: true,
		Short:   "work in the background",
		Example: "  covet generate job send_report user_id:bigint month:date",
		name:    wordName("job"), plan: planJob,
	}
}

func planJob(p *Project, r request) (*plan, error) {
	data, err := p.wordData("job", "jobs", r)
	if err != nil {
		return nil, err
	}
	if err := refuseFields("job", data.Fields, "work"); err != nil {
		return nil, err
	}
	out := &plan{
		edits:    []insert.Edit{jobEdit(data.Type)},
		requires: modulesOf(columns(data.Fields)),
		notes:    []string{"Next: a.Jobs.Enqueue(ctx, jobs." + data.Type + "{…})"},
	}
	file := "jobs/" + data.Snake
	return out, p.renderAll(out, data, nil, part{"job/job.go", file + ".go"}, part{"job/job_test.go", file + "_test.go"})
}

// jobEdit registers a job.
func jobEdit(job string) insert.Edit {
	return insert.Edit{
		Dir: "jobs", Prefer: "jobs.go", Code: "{pkg}.Register[" + job + "]({var}, {var2})",
		Package: insert.Import{Path: libraryPath + "/jobs", Name: "covetjobs"}, Hint: "in the function Register of jobs/jobs.go",
		Place: insert.Function{Params: []string{libraryPath + "/jobs.Client"}, After: "Register", Example: "client"},
	}
}
