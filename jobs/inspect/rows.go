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
	// States are the states of the rows; empty means all.
	States []covetmodels.OutboxState
	// Kind and Queue are the kind and the queue of the rows; empty means all.
	Kind, Queue string
	// ID is the id of the row, or a prefix of it; empty means all.
	ID string
	// Error is a part of the rows' error, matched without regard to ASCII case; empty means all.
	Error string
	// Since (inclusive) and Until (exclusive) limit the time at which the jobs ran or are due. Zero means no limit.
	Since, Until time.Time
	// Schedule, Batch and Chain select the jobs of one schedule (by name), batch or chain (by id); empty means all.
	Schedule, Batch, Chain string
	// Retrying selects only rows with failed attempts.
	Retrying bool
}

// Page is a page of the rows that a filter selects.
type Page struct {
	// Rows are sorted by the time at which they ran or are due, newest first.
	Rows []covetmodels.OutboxRow
	// Next is the cursor of the next page; empty on the last page.
	Next string
}

// MaxPageSize is the maximum number of rows of a page.
const MaxPageSize = 500

// Rows returns a page of the rows that f selects. The cursor is Page.Next of the previous page, or "" for the first
// page; for an invalid one Rows returns [ErrCursor]. A limit of 0 means 50; the maximum is [MaxPageSize].
//
// Paging is by key, so that all pages take the same time. States and queues have an index. A kind is searched for among
// all rows that the rest of the filter selects, which may take a second or two among a million rows. A row that changes
// between two requests may appear on both pages or on neither.
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

// Count returns the number of jobs in each state that has any.
func (i *Inspector) Count(ctx context.Context) (map[covetmodels.OutboxState]int, error) {
	counts, err := i.store.CountStates(ctx)
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	return counts, nil
}

// CountAll counts the rows that f selects, up to limit: the rows that [Inspector.RetryAll] and similar methods would
// examine.
func (i *Inspector) CountAll(ctx context.Context, f Filter, limit int) (int, error) {
	n, err := i.store.CountSome(ctx, store.Filter(f), limit)
	if err != nil {
		return 0, fmt.Errorf("counting jobs: %w", err)
	}
	return n, nil
}

// Progress is the progress of a job.
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
