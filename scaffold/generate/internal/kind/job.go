package kind

import (
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/insert"
)

func jobKind() Kind {
	return Kind{
		Name: "job", Use: "NAME [FIELD…]", Fields: true,
		Short:      "a background job",
		Example:    "  covet generate job send_report user_id:bigint month:date",
		recordName: noun.RecordName("job"), plan: planJob,
	}
}

func planJob(r *request) (*change.Plan, error) {
	data, err := r.data("job", "jobs")
	if err != nil {
		return nil, err
	}
	if err := data.RefuseField("job", "work"); err != nil {
		return nil, err
	}
	out := &change.Plan{
		Edits:    []insert.Edit{jobEdit(data.Type)},
		Requires: data.Modules(),
		Notes:    []string{"Next: a.Jobs.Enqueue(ctx, jobs." + data.Type + "{…})"},
	}
	file := "jobs/" + data.Snake
	return out, r.render(out, data, nil,
		render.Part{Template: "job/job.go", Target: file + ".go"}, render.Part{Template: "job/job_test.go", Target: file + "_test.go"})
}
