package jobs

import (
	"time"

	"github.com/covetgo/covet/jobs/internal/cron"
)

// Location returns the time zone in which the schedule ticks: that of its specification, or UTC. The times of Next are
// shown in it.
func (s ScheduleInfo) Location() *time.Location { return cron.Location(s.Spec) }
