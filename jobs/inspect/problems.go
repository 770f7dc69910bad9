package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Problems explains why jobs cannot run at present, for a list of jobs.
type Problems struct {
	registry Registry
	paused   map[string]time.Time
	serving  map[string]int
}

// Problems returns the problems at this moment. It reads which queues are paused and which have workers.
func (i *Inspector) Problems(ctx context.Context) (*Problems, error) {
	paused, err := i.Paused(ctx)
	if err != nil {
		return nil, err
	}
	serving, err := i.serving(ctx)
	if err != nil {
		return nil, err
	}
	return &Problems{registry: i.registry, paused: paused, serving: serving}, nil
}

// Of returns one sentence that explains why a job cannot run: its kind is unknown to this process, its arguments cannot
// be decoded, its queue is paused or has no worker. It returns "" if nothing is known to prevent the job from running,
// and for jobs that have ended, unless a retry would fail.
func (p *Problems) Of(row *covetmodels.OutboxRow) string {
	waits := row.State == job.Pending || row.State == job.Dispatched
	if !waits && row.State != job.Dead && row.State != job.Held {
		return ""
	}
	if err := p.registry.Check(job.DeliveryOf(row)); err != nil {
		return err.Error()
	}
	switch {
	case !waits:
		return ""
	case !p.paused[row.Queue].IsZero():
		return fmt.Sprintf("the queue %s is paused", row.Queue)
	case len(p.serving) == 0:
		return "no worker is running"
	case p.serving[row.Queue] == 0:
		return fmt.Sprintf("no worker serves the queue %s", row.Queue)
	}
	return ""
}
