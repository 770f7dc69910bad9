package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	covetmodels "github.com/covetgo/covet/models"
)

// Filter selects rows of jobs. The zero value selects all.
type Filter struct {
	// States are those of the rows; none means all.
	States []State
	// Kind and Queue are those of the rows; empty means all.
	Kind, Queue string
	// ID is that of the row, or its beginning; empty means all.
	ID string
	// Error is a part of the error of the rows, where A to Z are as good as a to z; empty means all.
	Error string
	// Since and Until bound the time when the jobs were or are to be run; Until is not included. Zero means no bound.
	Since, Until time.Time
	// Schedule, Batch and Chain select the jobs of one schedule (by its name), batch or chain (by its id); empty means
	// all.
	Schedule, Batch, Chain string
	// Retrying selects only rows with failed attempts.
	Retrying bool
}

// Page is a part of the rows of a filter.
type Page struct {
	// Rows are newest first, by the time when they were or are to be run.
	Rows []covetmodels.OutboxRow
	// Next is the cursor of the page that follows; empty on the last one.
	Next string
}

// QueueCounts says how a queue stands.
type QueueCounts struct {
	Queue string
	// Counts says how many jobs there are in each state that has any.
	Counts map[State]int
	// PausedAt is the time since when the queue is paused; nil if it is not.
	PausedAt *time.Time
	// Oldest is the time since when the job has been due that waits longest; nil if none is due.
	Oldest *time.Time
	// Workers counts the living processes that work the queue. None, while jobs wait, means that they wait for ever.
	Workers int
}

// maxPageSize bounds a page, however much is asked for.
const maxPageSize = 500

// Queues counts the jobs of each queue, in the order of their names. Queues of registered jobs are there although they are
// empty. It reads an index from end to end, which takes a fraction of a second for a million rows.
func (c *Client) Queues(ctx context.Context) ([]QueueCounts, error) {
	counts, err := c.store.countQueues(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	paused, err := c.Paused(ctx)
	if err != nil {
		return nil, err
	}
	workers, err := c.Workers(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range append(c.registry.queues(), slices.Collect(maps.Keys(paused))...) {
		if counts[name] == nil {
			counts[name] = map[State]int{}
		}
	}
	working := served(workers)
	queues := make([]QueueCounts, 0, len(counts))
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		q := QueueCounts{Queue: name, Counts: counts[name], Workers: working[name]}
		if at, ok := paused[name]; ok {
			q.PausedAt = &at
		}
		if q.Oldest, err = c.store.oldestDue(ctx, name); err != nil {
			return nil, fmt.Errorf("looking for the oldest job of queue %q: %w", name, err)
		}
		queues = append(queues, q)
	}
	return queues, nil
}

// Kinds returns the kinds of the jobs that are registered in this process, in order.
func (c *Client) Kinds() []string { return c.registry.kinds() }

// DeclaredQueues returns the queues that the jobs registered in this process declare, and [DefaultQueue], in order.
func (c *Client) DeclaredQueues() []string { return c.registry.queues() }

// Rows returns a page of the rows that f selects. The cursor is Page.Next of the page before, or "" for the first page;
// [ErrCursor] is returned for any other. A limit of 0 means 50, and 500 is the most.
//
// Each page begins where the one before ended, and takes as long as that. States and queues have an index; a kind is looked
// for among all rows that the rest of the filter selects, which may take a second or two when a million of them are of others. A
// row that moves on between two pages may be on both or on neither. Payload and LastError may hold personal data.
func (c *Client) Rows(ctx context.Context, f Filter, cursor string, limit int) (Page, error) {
	after, err := parseCursor(cursor)
	if err != nil {
		return Page{}, fmt.Errorf("listing jobs: %w", err)
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, maxPageSize)
	rows, more, err := c.store.page(ctx, f, after, limit)
	if err != nil {
		return Page{}, fmt.Errorf("listing jobs: %w", err)
	}
	page := Page{Rows: rows}
	if more && len(rows) > 0 {
		page.Next = positionOf(&rows[len(rows)-1]).String()
	}
	return page, nil
}

// Row returns the row of a job, or [ErrNoJob].
func (c *Client) Row(ctx context.Context, id string) (covetmodels.OutboxRow, error) {
	row, err := c.store.row(ctx, id)
	if err != nil {
		return covetmodels.OutboxRow{}, fmt.Errorf("looking for job %s: %w", id, err)
	}
	return row, nil
}

// allStates in the order of a job's life.
var allStates = [...]State{Held, Pending, Dispatched, Running, Done, Dead, Cancelled}

// among returns those of the given states that f selects.
func (f Filter) among(states ...State) []State {
	if len(f.States) == 0 {
		return states
	}
	var selected []State
	for _, s := range states {
		if slices.Contains(f.States, s) {
			selected = append(selected, s)
		}
	}
	return selected
}

// storableText reports whether a row can hold s. PostgreSQL refuses even to look for what it cannot store.
func storableText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// storable reports whether there can be such rows at all.
func (f Filter) storable() bool {
	return storableText(f.Kind + f.Queue + f.ID + f.Error + f.Schedule + f.Batch + f.Chain)
}

// narrow adds the conditions of f, except for the states.
func (f Filter) narrow(query *gorm.DB) *gorm.DB {
	if f.Kind != "" {
		query = query.Where("kind = ?", f.Kind)
	}
	if f.Queue != "" {
		query = query.Where("queue = ?", f.Queue)
	}
	if f.ID != "" {
		query = query.Where("id LIKE ? ESCAPE '!'", likely(f.ID)+"%")
	}
	if f.Error != "" {
		query = query.Where("lower(last_error) LIKE ? ESCAPE '!'", "%"+likely(strings.ToLower(f.Error))+"%")
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
	for column, value := range map[string]string{"schedule": f.Schedule, "batch_id": f.Batch, "chain_id": f.Chain} {
		if value != "" {
			query = query.Where(column+" = ?", value)
		}
	}
	return query
}

// likely makes text fit into a pattern of LIKE.
func likely(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// oldestDue returns since when the first job of a queue has been due; nil if none is.
func (s store) oldestDue(ctx context.Context, queue string) (*time.Time, error) {
	var oldest *time.Time
	for _, state := range []State{Pending, Dispatched} {
		var rows []covetmodels.OutboxRow
		err := s.rows(ctx).Select("run_at").Where("queue = ? AND state = ? AND run_at <= ?", queue, state, s.now()).
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

func (s store) countQueues(ctx context.Context) (map[string]map[State]int, error) {
	var groups []struct {
		Queue string
		State State
		N     int
	}
	if err := s.rows(ctx).Select("queue, state, count(*) AS n").Group("queue, state").Scan(&groups).Error; err != nil {
		return nil, err
	}
	counts := map[string]map[State]int{}
	for _, g := range groups {
		if counts[g.Queue] == nil {
			counts[g.Queue] = map[State]int{}
		}
		counts[g.Queue][g.State] = g.N
	}
	return counts, nil
}

// row returns a row, or some of its columns.
func (s store) row(ctx context.Context, id string, columns ...string) (row covetmodels.OutboxRow, err error) {
	if !isID(id) {
		return row, ErrNoJob
	}
	query := s.rows(ctx)
	if len(columns) > 0 {
		query = query.Select(columns)
	}
	err = query.Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = ErrNoJob
	}
	return row, err
}

// page returns up to limit rows after a position, and whether there are more.
func (s store) page(ctx context.Context, f Filter, after position, limit int) ([]covetmodels.OutboxRow, bool, error) {
	ids, err := s.pageIDs(ctx, f, f.among(allStates[:]...), after, limit+1)
	if err != nil || len(ids) == 0 {
		return nil, false, err
	}
	more := len(ids) > limit
	ids = ids[:min(len(ids), limit)]
	var rows []covetmodels.OutboxRow
	if err := s.rows(ctx).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, false, err
	}
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b covetmodels.OutboxRow) int { return place[a.ID] - place[b.ID] })
	return rows, more, nil
}

// pageIDs finds ids in the order of pages. Each state is read from its own part of the index; of one statement, so that no
// row is missed that changes its state in the meantime.
func (s store) pageIDs(ctx context.Context, f Filter, states []State, after position, limit int) (ids []string, err error) {
	const order = "run_at DESC, id DESC"
	if len(states) == 0 || !f.storable() {
		return nil, nil
	}
	var parts []string
	var args []any
	for i, state := range states {
		part := f.narrow(s.rows(ctx).Select("id, run_at").Where("state = ?", state))
		if !after.isZero() {
			part = part.Where("run_at <= ? AND (run_at < ? OR id < ?)", after.runAt, after.runAt, after.id)
		}
		parts = append(parts, fmt.Sprintf("SELECT id, run_at FROM (?) AS part%d", i))
		args = append(args, part.Order(order).Limit(limit))
	}
	query := "SELECT id FROM (" + strings.Join(parts, " UNION ALL ") + ") AS page ORDER BY " + order + " LIMIT ?"
	err = s.db.With(ctx).Raw(query, append(args, limit)...).Scan(&ids).Error
	return ids, err
}
