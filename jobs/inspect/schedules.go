package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/cron"
	covetmodels "github.com/covetgo/covet/models"
)

// ScheduleInfo describes a schedule of this process.
type ScheduleInfo struct {
	Name, Spec string
	// Kind is the kind of its job.
	Kind string
	// Next are the next ticks.
	Next []time.Time
	// LastTick is the latest tick that was fired or skipped; nil if there was none.
	LastTick *time.Time
	// LastJob is the job of the latest tick that was fired; nil if there was none, or its row has been deleted.
	LastJob *covetmodels.OutboxRow
	// CatchUp and SkipOverlap are the options of the schedule.
	CatchUp     int
	SkipOverlap bool
}

// Location returns the time zone of the schedule's specification, in which Next is displayed. Defaults to UTC.
func (s ScheduleInfo) Location() *time.Location { return cron.Location(s.Spec) }

// Schedules describes the schedules that this process declares, in the order of their declaration, with the next n
// ticks of each.
func (i *Inspector) Schedules(ctx context.Context, n int) ([]ScheduleInfo, error) {
	known, err := i.store.Schedules(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the schedules: %w", err)
	}
	at := i.store.Now()
	var infos []ScheduleInfo
	for _, s := range i.schedules.Schedules() {
		info := ScheduleInfo{
			Name: s.Name, Spec: s.Spec, Kind: s.Kind, LastTick: known[s.Name].LastTick, CatchUp: s.CatchUp,
			SkipOverlap: s.SkipOverlap,
		}
		if id := known[s.Name].LastJobID; id != "" {
			if row, err := i.store.Row(ctx, id); err == nil {
				info.LastJob = &row
			}
		}
		ticks, err := cron.Parse(s.Spec)
		if err != nil {
			return nil, fmt.Errorf("reading schedule %q: %w", s.Name, err)
		}
		for tick := ticks.Next(at); len(info.Next) < n && !tick.IsZero(); tick = ticks.Next(tick) {
			info.Next = append(info.Next, tick)
		}
		infos = append(infos, info)
	}
	return infos, nil
}
