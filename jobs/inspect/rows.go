package inspect

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

// Filter selects rows of jobs. The zero value selects all.
type Filter struct {
	// States are those of the rows; none means all.
	States []covetmodels.OutboxState
	// Kind and Queue are those of the rows; empty means all.
	Kind, Queue string
	// ID is that of the row, or its beginning; empty means all.
	ID string
	// Error is a part of the error of the rows, in which A to Z match a to z; empty means all.
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

// MaxPageSize bounds a page.
const MaxPageSize = 500

// Rows returns a page of the rows that f selects. The cursor is Page.Next of the page before, or "" for the first page;
// [ErrCursor] is returned for any other. A limit of 0 means 50, and [MaxPageSize] is the most.
//
// Each page begins where the one before ended, and takes as long as that. States and queues have an index; a kind is
// looked for among all rows that the rest of the filter selects, which may take a second or two when a million of them
// are of others. A row that moves on between two pages may be on both or on neither.
func (i *Inspector) Rows(ctx context.Context, f Filter, cursor string, limit int) (Page, error) {
	after, err := parseCursor(cursor)
	if err != nil {
		return Page{}, fmt.Errorf("listing jobs: %w", err)
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, MaxPageSize)
	rows, more, err := i.store.Page(ctx, store.PageParams{Filter: store.Filter(f), After: after, Limit: limit})
	if err != nil {
		return Page{}, fmt.Errorf("listing jobs: %w", err)
	}
	page := Page{Rows: rows}
	if more && len(rows) > 0 {
		last := rows[len(rows)-1]
		page.Next = cursorOf(store.Position{RunAt: last.RunAt, ID: last.ID})
	}
	return page, nil
}

// Row returns the row of a job, or [ErrNoJob].
func (i *Inspector) Row(ctx context.Context, id string) (covetmodels.OutboxRow, error) {
	row, err := i.store.Row(ctx, id)
	if err != nil {
		return covetmodels.OutboxRow{}, fmt.Errorf("looking for job %s: %w", id, err)
	}
	return row, nil
}

// Count returns how many jobs there are in each state that has any.
func (i *Inspector) Count(ctx context.Context) (map[covetmodels.OutboxState]int, error) {
	counts, err := i.store.CountStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	return counts, nil
}

// CountAll counts the rows that f selects, and stops at limit: how many [Inspector.RetryAll] and its like would look
// at.
func (i *Inspector) CountAll(ctx context.Context, f Filter, limit int) (int, error) {
	n, err := i.store.CountSome(ctx, store.Filter(f), limit)
	if err != nil {
		return 0, fmt.Errorf("counting jobs: %w", err)
	}
	return n, nil
}

// Progress is how far a job has come.
type Progress struct {
	// State is where it stands.
	State covetmodels.OutboxState
	// Done of Total units of its work are done, by its own account; both are 0 if it gives none.
	Done, Total int64
	// Error is that of its latest failed attempt, or why it waits; empty if there is none.
	Error string
}

// Progress returns how far a job has come, or [ErrNoJob].
func (i *Inspector) Progress(ctx context.Context, id string) (Progress, error) {
	row, err := i.store.RowProgress(ctx, id)
	if err != nil {
		return Progress{}, fmt.Errorf("looking for job %s: %w", id, err)
	}
	return Progress{State: row.State, Done: row.ProgressDone, Total: row.ProgressTotal, Error: row.LastError}, nil
}

// Result returns the JSON that a job left behind, for as long as its row is kept; nil if it left nothing. [ErrNotDone]
// is returned for a job that has not succeeded, and [ErrNoJob] for one that does not exist. The function Result of
// package jobs decodes it.
func (i *Inspector) Result(ctx context.Context, id string) (json.RawMessage, error) {
	row, err := i.store.RowResult(ctx, id)
	if err == nil && row.State != job.Done {
		err = fmt.Errorf("it is %s: %w", row.State, ErrNotDone)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the result of job %s: %w", id, err)
	}
	if row.Result == "" {
		return nil, nil
	}
	return json.RawMessage(row.Result), nil
}

// cursorOf returns a position as a cursor, which is safe in a URL.
func cursorOf(p store.Position) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.RunAt.UnixMicro(), 10) + " " + p.ID))
}

// parseCursor reads a cursor; "" is the start. A cursor comes from the address bar: times that not every database
// stores, or that JSON has no form for, are refused.
func parseCursor(cursor string) (store.Position, error) {
	if cursor == "" {
		return store.Position{}, nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return store.Position{}, ErrCursor
	}
	micros, id, _ := strings.Cut(string(text), " ")
	number, err := strconv.ParseInt(micros, 10, 64)
	p := store.Position{RunAt: time.UnixMicro(number).UTC(), ID: id}
	if err != nil || !job.IsStorableTime(p.RunAt) || !job.IsID(id) || cursorOf(p) != cursor {
		return store.Position{}, ErrCursor
	}
	return p, nil
}
