package jobs_test

import (
	"errors"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
)

// A process lives from its start to its stop, also while the database is away.
func TestLive(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{PollInterval: 10 * time.Millisecond}, newWork())
	if err := c.Live(); !errors.Is(err, covetjobs.ErrNotLive) {
		t.Errorf("before the start: %v", err)
	}
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	await(t, "it to live", func() bool { return c.Live() == nil })
	if err := k.db.With(t.Context()).Exec("ALTER TABLE covet_outbox RENAME TO away").Error; err != nil {
		t.Fatal(err)
	}
	await(t, "the outage to be noticed", func() bool { return c.Health(t.Context()) != nil })
	if err := c.Live(); err != nil {
		t.Errorf("during an outage: %v", err)
	}
	if err := k.db.With(t.Context()).Exec("ALTER TABLE away RENAME TO covet_outbox").Error; err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the outage", func() bool { return c.Health(t.Context()) == nil })
	stop(t, c)
	if err := c.Live(); !errors.Is(err, covetjobs.ErrNotLive) {
		t.Errorf("after the stop: %v", err)
	}
}
