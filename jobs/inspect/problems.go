package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Problems says why jobs cannot run as things stand, for people who look at a list of them.
type Problems struct {
	registry Registry
	paused   map[string]time.Time
	serving  map[string]int
}

// Problems reads which queues are paused and which have workers; what it returns stays as it was at that moment.
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

// Of says in one sentence why a job cannot run: its kind is unknown to this process, its arguments cannot be decoded,
// its queue is paused or has no worker. Empty if nothing is known to prevent it, or if it has ended and will not be
// retried in vain.
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
		return "no worker runs"
	case p.serving[row.Queue] == 0:
		return fmt.Sprintf("no worker works the queue %s", row.Queue)
	}
	return ""
}
