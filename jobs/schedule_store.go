package jobs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	covetmodels "github.com/covetgo/covet/models"
)

// ScheduleInfo describes a schedule of this process.
type ScheduleInfo struct {
	Name, Spec string
	// Kind is that of the job.
	Kind string
	// Next are the ticks to come.
	Next []time.Time
	// LastTick is the latest tick that has fired or been skipped; nil if there was none.
	LastTick *time.Time
	// LastJob is the job of the latest firing; nil if there was none, or its row has been deleted.
	LastJob *covetmodels.OutboxRow
	// CatchUp and SkipOverlap are the options of the schedule.
	CatchUp     int
	SkipOverlap bool
}

// Schedules describes the schedules that this process declares, in the order of their declaration, with the next n ticks
// of each.
func (c *Client) Schedules(ctx context.Context, n int) ([]ScheduleInfo, error) {
	known, err := c.store.scheduleRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for schedules: %w", err)
	}
	at := c.now()
	var infos []ScheduleInfo
	for _, s := range c.schedules.copies() {
		info := ScheduleInfo{
			Name: s.name, Spec: s.spec, LastTick: known[s.name].LastTick, CatchUp: s.catchUp, SkipOverlap: s.skipOverlap,
		}
		if e, err := c.registry.of(s.job); err == nil { // otherwise Start reports it
			info.Kind = e.kind
		}
		if id := known[s.name].LastJobID; id != "" {
			if row, err := c.store.row(ctx, id); err == nil {
				info.LastJob = &row
			}
		}
		for tick := s.ticks.Next(at); len(info.Next) < n && !tick.IsZero(); tick = s.ticks.Next(tick) {
			info.Next = append(info.Next, tick)
		}
		infos = append(infos, info)
	}
	return infos, nil
}

// RunSchedule enqueues the job of a schedule now, whatever its ticks and its options say, and returns its id. It writes
// in the transaction that ctx carries, if any. [ErrNoSchedule] is returned if no schedule of this process has the name.
func (c *Client) RunSchedule(ctx context.Context, name string) (string, error) {
	for _, s := range c.schedules.copies() {
		if s.name != name {
			continue
		}
		row, o, err := c.row(ctx, s.job, nil)
		if err == nil {
			row.Schedule = name
			var id string
			if id, err = c.insert(ctx, row, o); err == nil {
				c.rouseAfterCommit(ctx)
				return id, nil
			}
		}
		return "", fmt.Errorf("running schedule %q: %w", name, err)
	}
	return "", fmt.Errorf("running schedule %q: %w", name, ErrNoSchedule)
}

func (s store) scheduleRows(ctx context.Context) (map[string]covetmodels.JobSchedule, error) {
	var rows []covetmodels.JobSchedule
	if err := s.db.With(ctx).Find(&rows).Error; err != nil {
		return nil, err
	}
	byName := make(map[string]covetmodels.JobSchedule, len(rows))
	for _, row := range rows {
		byName[row.Name] = row
	}
	return byName, nil
}

// noteSchedule writes what a process that starts knows of a schedule; not its last tick, which another may be writing.
func (s store) noteSchedule(ctx context.Context, exists bool, row *covetmodels.JobSchedule) error {
	if !exists {
		return s.db.With(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error
	}
	return s.db.With(ctx).Model(&covetmodels.JobSchedule{}).Where("name = ?", row.Name).
		Updates(map[string]any{"spec": row.Spec, "kind": row.Kind, "seen_at": row.SeenAt}).Error
}

// noteTick writes that a tick is settled.
func (s store) noteTick(ctx context.Context, name string, row *covetmodels.OutboxRow) error {
	values := map[string]any{"last_tick": row.RunAt}
	if row.State != Cancelled {
		values["last_job_id"] = row.ID
	}
	return s.db.With(ctx).Model(&covetmodels.JobSchedule{}).Where("name = ?", name).Updates(values).Error
}

// skipOverlap makes a row one that is cancelled if the job of an earlier tick has not ended.
func (s store) skipOverlap(ctx context.Context, row *covetmodels.OutboxRow) error {
	var known covetmodels.JobSchedule
	err := s.db.With(ctx).Where("name = ?", row.Schedule).Limit(1).Find(&known).Error
	if err != nil || known.LastJobID == "" {
		return err
	}
	var before []covetmodels.OutboxRow
	unended := []State{Held, Pending, Dispatched, Running}
	err = s.rows(ctx).Select("id").
		Where("id = ? AND state IN ?", known.LastJobID, unended).Limit(1).Find(&before).Error
	if err != nil || len(before) == 0 {
		return err
	}
	at := s.now()
	row.State, row.FinishedAt = Cancelled, &at
	row.LastError = fmt.Sprintf("skipped: job %s of an earlier tick has not ended", known.LastJobID)
	return nil
}
