// Package cron computes the ticks of schedules.
//
// robfig/cron parses the expressions. This package computes the ticks, because the search of robfig/cron misses some
// when the clock changes by half an hour (Lord Howe Island), and does not end at a day that a time zone skipped (Samoa,
// 2011-12-30).
package cron

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	robfig "github.com/robfig/cron/v3"
)

// Ticks is a series of times.
type Ticks interface {
	// Next returns the first tick after t, or the zero time if there is none within ten years.
	Next(t time.Time) time.Time
}

// ErrSpec is returned for an invalid specification.
var ErrSpec = errors.New(`expected five cron fields such as "30 7 * * 1-5", a descriptor such as @daily, ` +
	`or @every with a duration such as "@every 10m"`)

// Parse parses the specification of a schedule: a cron expression of five fields (minute, hour, day of month, month,
// day of week with 0 and 7 for Sunday), in UTC unless it begins with CRON_TZ=Zone or TZ=Zone; a descriptor such as
// @daily; or "@every" with a duration in whole seconds.
func Parse(spec string) (Ticks, error) {
	spec = strings.TrimSpace(spec)
	if text, ok := strings.CutPrefix(spec, "@every"); ok {
		return parseEvery(strings.TrimSpace(text))
	}
	zone, fields := "CRON_TZ=UTC", spec
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		var ok bool
		if zone, fields, ok = strings.Cut(spec, " "); !ok {
			return nil, ErrSpec // the parser would panic
		}
	}
	schedule, err := robfig.ParseStandard(zone + " " + withSundays(fields))
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrSpec, err)
	}
	parsed, ok := schedule.(*robfig.SpecSchedule)
	if !ok {
		return nil, ErrSpec // @every behind a time zone
	}
	ticks := calendar{parsed}
	if ticks.Next(time.Now()).IsZero() {
		return nil, errors.New("the schedule has no tick in the next ten years")
	}
	return ticks, nil
}

// Location returns the time zone of a valid specification.
func Location(spec string) *time.Location {
	zone, _, _ := strings.Cut(strings.TrimSpace(spec), " ")
	for _, prefix := range []string{"CRON_TZ=", "TZ="} {
		if name, ok := strings.CutPrefix(zone, prefix); ok {
			if location, err := time.LoadLocation(name); err == nil {
				return location
			}
		}
	}
	return time.UTC
}

// withSundays replaces the 7 that crontab(5) allows for Sunday, alone or at the end of a range, by 0.
func withSundays(text string) string {
	fields := strings.Fields(text)
	if len(fields) != 5 {
		return text
	}
	days := strings.Split(fields[4], ",")
	for i, day := range days {
		first, last, isRange := strings.Cut(day, "-")
		switch {
		case day == "7":
			days[i] = "0"
		case isRange && last == "7":
			if n, err := strconv.Atoi(first); err == nil && n < 7 {
				days[i] = first + "-6,0"
			} else {
				days[i] = "0"
			}
		}
	}
	fields[4] = strings.Join(days, ",")
	return strings.Join(fields, " ")
}

// calendar ticks at the beginning of each minute whose local time matches the fields. A local time that the clock skips
// is no tick, and one that it repeats is two.
type calendar struct{ fields *robfig.SpecSchedule }

// starBit marks a field that is "*".
const starBit = 1 << 63

// Next examines times from t on and leaps over months, days and hours that do not match. Leaps end well before their
// target, because the clock may change in between.
func (c calendar) Next(t time.Time) time.Time {
	end := t.AddDate(10, 0, 0)
	for at := t.Truncate(time.Minute).Add(time.Minute); at.Before(end); {
		local := at.In(c.fields.Location)
		year, month, day := local.Date()
		switch {
		case !has(c.fields.Month, int(month)):
			at = leap(at, time.Date(year, month+1, 1, 0, 0, 0, 0, c.fields.Location))
		case !c.dayFits(local):
			at = leap(at, time.Date(year, month, day+1, 0, 0, 0, 0, c.fields.Location))
		case !has(c.fields.Hour, local.Hour()):
			at = at.Truncate(quarter).Add(quarter)
		case !has(c.fields.Minute, local.Minute()):
			at = at.Add(time.Minute)
		default:
			return at.In(t.Location())
		}
	}
	return time.Time{}
}

// quarter divides all offsets of time zones.
const quarter = 15 * time.Minute

// leap returns a time some hours before the target, or a quarter of an hour ahead.
func leap(at, target time.Time) time.Time {
	if target = target.Add(-4 * time.Hour).Truncate(quarter); target.After(at) {
		return target
	}
	return at.Truncate(quarter).Add(quarter)
}

func (c calendar) dayFits(t time.Time) bool {
	ofMonth, ofWeek := has(c.fields.Dom, t.Day()), has(c.fields.Dow, int(t.Weekday()))
	if c.fields.Dom&starBit != 0 || c.fields.Dow&starBit != 0 {
		return ofMonth && ofWeek
	}
	return ofMonth || ofWeek
}

func has(set uint64, n int) bool { return set&(1<<n) != 0 }

// every ticks at multiples of a duration since 1970-01-01 00:00 UTC.
type every time.Duration

func parseEvery(text string) (Ticks, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, ErrSpec
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
