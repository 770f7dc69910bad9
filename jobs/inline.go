package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	covetmodels "github.com/covetgo/covet/models"
)

// Run runs a job here and now, in the calling goroutine's time, with its middleware and its timeout, and returns its error.
// Nothing is stored, and limits do not count. It is meant for tests, and for commands that do what a job does.
func (c *Client) Run(ctx context.Context, job any) error {
	row, _, err := c.row(ctx, job, nil)
	if err != nil {
		return fmt.Errorf("running job: %w", err)
	}
	e, err := c.registry.of(job)
	if err != nil {
		return fmt.Errorf("running job: %w", err)
	}
	d := deliveryOf(row)
	decoded, err := c.decode(e, d)
	if err != nil {
		return fmt.Errorf("running job %s: %w", d.kind, err)
	}
	return c.perform(ctx, c.execution(d), d, decoded)
}

// DecodeArguments returns the job of a row as its type, which is registered: decrypted, and upgraded to the present
// version.
func DecodeArguments[J any](c *Client, row *covetmodels.OutboxRow) (J, error) {
	var job J
	e, err := c.registry.of(job)
	if err == nil && e.kind != row.Kind {
		err = fmt.Errorf("job %s is a %s, not a %s", row.ID, row.Kind, e.kind)
	}
	var payload []byte
	if err == nil {
		payload, err = c.plain(deliveryOf(row))
	}
	if err == nil {
		payload, err = e.upgrade(payload, row.Version)
	}
	if err == nil {
		err = json.Unmarshal(payload, &job)
	}
	if err != nil {
		return job, fmt.Errorf("decoding the arguments of %v: %w", reflect.TypeFor[J](), err)
	}
	return job, nil
}

// KindOf returns the name under which jobs of a type are stored.
func KindOf[J any]() string { return kindOf(structOf(reflect.TypeFor[J]())) }
