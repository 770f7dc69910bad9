package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// ticks is a series of times.
type ticks interface {
	// Next returns the first tick after t; the zero time if there is none.
	Next(t time.Time) time.Time
}

var errSpec = errors.New(`expected five cron fields such as "30 7 * * 1-5", a descriptor such as @daily, ` +
	`or @every with a duration such as "@every 10m"`)

// parseSpec reads the specification of a schedule.
func parseSpec(spec string) (ticks, error) {
	spec = strings.TrimSpace(spec)
	if text, ok := strings.CutPrefix(spec, "@every"); ok {
		return parseEvery(strings.TrimSpace(text))
	}
	zoned := strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=")
	if zoned && !strings.Contains(spec, " ") {
		return nil, errSpec // the parser would panic
	}
	if !zoned {
		spec = "CRON_TZ=UTC " + spec
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errSpec, err)
	}
	if _, ok := schedule.(*cron.SpecSchedule); !ok {
		return nil, errSpec // @every behind a time zone
	}
	if schedule.Next(time.Now()).IsZero() {
		return nil, errors.New("the schedule has no tick in the next five years")
	}
	return schedule, nil
}

// every ticks at the multiples of a duration since 1970-01-01 00:00 UTC, wherever and whenever it is asked.
type every time.Duration

func parseEvery(text string) (ticks, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, errSpec
	}
	if d < time.Second || d%time.Second != 0 {
		return nil, fmt.Errorf("@every %s: expected whole seconds, at least one", text)
	}
	return every(d), nil
}

func (e every) Next(t time.Time) time.Time {
	step := int64(time.Duration(e) / time.Second)
	return time.Unix((t.Unix()/step+1)*step, 0).UTC()
}
