package jobs

import (
	"context"
	"fmt"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// Problems says why jobs cannot run as things stand, for people who look at a list of them.
type Problems struct {
	client  *Client
	paused  map[string]time.Time
	serving map[string]int
}

// Problems looks which queues are paused and which have workers; what it returns stays as it was at that moment.
func (c *Client) Problems(ctx context.Context) (*Problems, error) {
	paused, err := c.Paused(ctx)
	if err != nil {
		return nil, err
	}
	workers, err := c.Workers(ctx)
	if err != nil {
		return nil, err
	}
	return &Problems{client: c, paused: paused, serving: served(workers)}, nil
}

// Of says in one sentence why a job cannot run: its kind is unknown to this process, its arguments cannot be decoded, its
// queue is paused or has no worker. Empty if nothing is known to be in its way, or if it has ended and will not be retried
// in vain.
func (p *Problems) Of(row *covetmodels.OutboxRow) string {
	waits := row.State == Pending || row.State == Dispatched
	if !waits && row.State != Dead && row.State != Held {
		return ""
	}
	if err := p.client.undecodable(row); err != nil {
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

// undecodable says why this process could not start a job.
func (c *Client) undecodable(row *covetmodels.OutboxRow) error {
	e, known := c.registry.kind(row.Kind)
	switch {
	case !known:
		return errUnknownKind
	case row.Version > e.version:
		return errNewer
	}
	_, err := c.decode(e, deliveryOf(row))
	return err
}
