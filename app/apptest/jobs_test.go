package apptest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/jobs"
)

// notes is what the jobs of these tests leave behind.
type notes struct{ got []string }

type note struct {
	Text string `json:"text"`
}

func (n note) Work(ctx context.Context, to *notes) error {
	if n.Text == "" {
		return jobs.Permanent(errors.New("nothing to note"))
	}
	to.got = append(to.got, n.Text+middleware.RequestID(ctx))
	return nil
}

func (note) Options() jobs.Options { return jobs.Options{Encrypt: true} }

func withNotes(to *notes) func(config) (*covet.App, error) {
	return func(cfg config) (*covet.App, error) {
		a, err := newApp(cfg)
		if err != nil {
			return nil, err
		}
		jobs.Register[note](a.Jobs, to)
		return a, nil
	}
}

func TestJobsOfATest(t *testing.T) {
	t.Parallel()
	var to notes
	a := apptest.New(t, withNotes(&to))
	a.Enqueue(note{Text: "later"}, jobs.In(24*time.Hour))
	id := a.Enqueue(note{Text: "now"})
	if all := apptest.Enqueued[note](a); len(all) != 2 || all[0].Text != "now" || all[1].Text != "later" {
		t.Errorf("enqueued: %v, want now and later", all)
	}
	if job := apptest.MustEnqueued(a, func(n note) bool { return n.Text != "now" }); job.Text != "later" {
		t.Errorf("the one that is not now is %q", job.Text)
	}
	a.DrainJobs()
	if len(to.got) != 1 {
		t.Errorf("ran: %v, want one", to.got)
	}
	if row, err := a.Jobs.Inspector().Row(t.Context(), id); err != nil || row.State != jobs.Done {
		t.Errorf("the one for now is %s (%v)", row.State, err)
	}
	a.Travel(24 * time.Hour)
	a.DrainJobs()
	if len(to.got) != 2 || to.got[1] != "later" || len(apptest.Enqueued[note](a)) != 0 {
		t.Errorf("ran: %v, want the later one too", to.got)
	}
	if err := a.RunJob(note{Text: "inline"}); err != nil || to.got[2] != "inline" {
		t.Errorf("inline: %v, %v", to.got, err)
	}
	if a.RunJob(note{}) == nil {
		t.Error("the error of a job is lost")
	}
}

// The id of the request that asked for a job is known when it runs.
func TestRequestIDOfAJob(t *testing.T) {
	t.Parallel()
	var to notes
	a := apptest.New(t, withNotes(&to))
	if _, err := a.Jobs.Enqueue(middleware.WithRequestID(t.Context(), "abc"), note{Text: "by "}); err != nil {
		t.Fatal(err)
	}
	a.DrainJobs()
	if len(to.got) != 1 || to.got[0] != "by abc" {
		t.Errorf("ran: %v", to.got)
	}
}
