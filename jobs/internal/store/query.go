package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Filter selects rows. Package inspect documents its fields. The zero value selects all.
type Filter struct {
	States                 []job.State
	Kind, Queue            string
	ID                     string
	Error                  string
	Since, Until           time.Time
	Schedule, Batch, Chain string
	Retrying               bool
}

// Among returns the given states that f selects.
func (f Filter) Among(states ...job.State) []job.State {
	if len(f.States) == 0 {
		return states
	}
	var selected []job.State
	for _, s := range states {
		if slices.Contains(f.States, s) {
			selected = append(selected, s)
		}
	}
	return selected
}

// storable reports whether such rows can exist.
func (f Filter) storable() bool {
	return job.IsStorable(f.Kind + f.Queue + f.ID + f.Error + f.Schedule + f.Batch + f.Chain)
}

// narrow adds the conditions of f, without the states.
func (f Filter) narrow(query *gorm.DB) *gorm.DB {
	if f.ID != "" {
		query = query.Where("id LIKE ? ESCAPE '!'", likePattern(f.ID)+"%")
	}
	if f.Error != "" {
		query = query.Where("lower(last_error) LIKE ? ESCAPE '!'", "%"+likePattern(strings.ToLower(f.Error))+"%")
	}
	if f.Retrying {
		query = query.Where("attempts > 0")
	}
	if !f.Since.IsZero() {
		query = query.Where("run_at >= ?", f.Since.UTC())
	}
	if !f.Until.IsZero() {
		query = query.Where("run_at < ?", f.Until.UTC())
	}
	for _, equal := range [][2]string{
		{"kind", f.Kind}, {"queue", f.Queue}, {"schedule", f.Schedule}, {"batch_id", f.Batch}, {"chain_id", f.Chain},
	} {
		if equal[1] != "" {
			query = query.Where(equal[0]+" = ?", equal[1])
		}
	}
	return query
}

// likePattern escapes text for a LIKE pattern.
func likePattern(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// Position is the position of a row in the order of pages. The zero value is before the first row.
type Position struct {
	RunAt time.Time
	ID    string
}

// IsZero reports whether p is before the first row.
func (p Position) IsZero() bool { return p.ID == "" }

// PageParams select a page of the rows of a filter.
type PageParams struct {
	Filter Filter
	// States narrow the filter further; none means all.
	States []job.State
	After  Position
	Limit  int
}

// Page returns rows newest first, and whether there are more.
func (s *Store) Page(ctx context.Context, p PageParams) (rows []job.Row, more bool, err error) {
	limit := p.Limit
	p.Limit++
	ids, err := s.PageIDs(ctx, p)
	if err != nil || len(ids) == 0 {
		return nil, false, err
	}
	more = len(ids) > limit
	ids = ids[:min(len(ids), limit)]
	if err := s.rows(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, false, err
	}
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b job.Row) int { return place[a.ID] - place[b.ID] })
	return rows, more, nil
}

// PageIDs returns the ids of a page. Each state is read from its own part of the index, in one statement, so that no
// row is missed that changes its state in the meantime.
func (s *Store) PageIDs(ctx context.Context, p PageParams) (ids []string, err error) {
	const order = "run_at DESC, id DESC"
	states := p.States
	if states == nil {
		states = p.Filter.Among(job.States()...)
	}
	if len(states) == 0 || !p.Filter.storable() {
		return nil, nil
	}
	var parts []string
	var args []any
	for i, state := range states {
		part := p.Filter.narrow(s.rows(ctx).Select("id, run_at").Where("state = ?", state))
		if !p.After.IsZero() {
			part = part.Where("run_at <= ? AND (run_at < ? OR id < ?)", p.After.RunAt, p.After.RunAt, p.After.ID)
		}
		parts = append(parts, fmt.Sprintf("SELECT id, run_at FROM (?) AS part%d", i))
		args = append(args, part.Order(order).Limit(p.Limit))
	}
	query := "SELECT id FROM (" + strings.Join(parts, " UNION ALL ") + ") AS page ORDER BY " + order + " LIMIT ?"
	err = s.db.With(ctx).Raw(query, append(args, p.Limit)...).Scan(&ids).Error
	return ids, err
}

// LastOf returns the position of the last of the rows; zero if none of them exists anymore.
func (s *Store) LastOf(ctx context.Context, ids []string) (Position, error) {
	var rows []job.Row
	err := s.rows(ctx).Select("id", "run_at").Where("id IN ?", ids).Order("run_at, id").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return Position{}, err
	}
	return Position{RunAt: rows[0].RunAt, ID: rows[0].ID}, nil
}

// CountSome counts the rows that f selects, up to limit.
func (s *Store) CountSome(ctx context.Context, f Filter, limit int) (n int, err error) {
	if !f.storable() {
		return 0, nil
	}
	selected := f.narrow(s.rows(ctx).Select("1").Where("state IN ?", f.Among(job.States()...))).Limit(limit)
	err = s.db.With(ctx).Raw("SELECT count(*) FROM (?) AS selected", selected).Scan(&n).Error
	return n, err
}

// CountStates counts the rows in each state that has any.
func (s *Store) CountStates(ctx context.Context) (map[job.State]int, error) {
	var groups []struct {
		State job.State
		N     int
	}
	if err := s.rows(ctx).Select("state, count(*) AS n").Group("state").Scan(&groups).Error; err != nil {
		return nil, err
	}
	counts := make(map[job.State]int, len(groups))
	for _, g := range groups {
		counts[g.State] = g.N
	}
	return counts, nil
}

// CountQueues counts the rows of each queue in each state that has any.
func (s *Store) CountQueues(ctx context.Context) (map[string]map[job.State]int, error) {
	var groups []struct {
		Queue string
		State job.State
		N     int
	}
	if err := s.rows(ctx).Select("queue, state, count(*) AS n").Group("queue, state").Scan(&groups).Error; err != nil {
		return nil, err
	}
	counts := map[string]map[job.State]int{}
	for _, g := range groups {
		if counts[g.Queue] == nil {
			counts[g.Queue] = map[job.State]int{}
		}
		counts[g.Queue][g.State] = g.N
	}
	return counts, nil
}

// OldestDue returns when the first waiting job of a queue was due; nil if none is due.
func (s *Store) OldestDue(ctx context.Context, queue string) (*time.Time, error) {
	var oldest *time.Time
	for _, state := range []job.State{job.Pending, job.Dispatched} {
		var rows []job.Row
		err := s.rows(ctx).Select("run_at").Where("queue = ? AND state = ? AND run_at <= ?", queue, state, s.Now()).
			Order("run_at").Limit(1).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 && (oldest == nil || rows[0].RunAt.Before(*oldest)) {
			oldest = &rows[0].RunAt
		}
	}
	return oldest, nil
}

// WaitingQueues returns the queues in which jobs have been due for longer than the given time, and since when. It jumps
// from queue to queue in the index, so that the number of jobs does not matter.
func (s *Store) WaitingQueues(ctx context.Context, longer time.Duration) (map[string]time.Time, error) {
	waiting := map[string]time.Time{}
	last := ""
	for {
		var next []string
		err := s.rows(ctx).Where("queue > ?", last).Order("queue").Limit(1).Pluck("queue", &next).Error
		if err != nil || len(next) == 0 {
			return waiting, err
		}
		last = next[0]
		oldest, err := s.OldestDue(ctx, last)
		if err != nil {
			return waiting, err
		}
		if oldest != nil && s.Now().Sub(*oldest) > longer {
			waiting[last] = *oldest
		}
	}
}

// Row returns a row; ErrNoJob if there is none with the id.
func (s *Store) Row(ctx context.Context, id string) (job.Row, error) { return s.row(ctx, id) }

// RowProgress returns a row with only its state, progress and last error.
func (s *Store) RowProgress(ctx context.Context, id string) (job.Row, error) {
	return s.row(ctx, id, "state", "progress_done", "progress_total", "last_error")
}

// RowResult returns a row with only its state and result.
func (s *Store) RowResult(ctx context.Context, id string) (job.Row, error) {
	return s.row(ctx, id, "state", "result")
}

func (s *Store) row(ctx context.Context, id string, columns ...string) (row job.Row, err error) {
	if !job.IsID(id) {
		return row, job.ErrNoJob
	}
	query := s.rows(ctx)
	if len(columns) > 0 {
		query = query.Select(columns)
	}
	err = query.Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = job.ErrNoJob
	}
	return row, err
}
