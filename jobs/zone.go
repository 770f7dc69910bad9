package jobs

import (
	"strings"
	"time"
)

// Location returns the time zone in which the schedule ticks: that of its specification, or UTC. The times of Next are
// shown in it.
func (s ScheduleInfo) Location() *time.Location {
	zone, _, _ := strings.Cut(strings.TrimSpace(s.Spec), " ")
	for _, prefix := range []string{"CRON_TZ=", "TZ="} {
		if name, ok := strings.CutPrefix(zone, prefix); ok {
			if location, err := time.LoadLocation(name); err == nil { // Schedule has loaded it before
				return location
			}
		}
	}
	return time.UTC
}
