package jobs

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// position is where a row stands in the order of pages. The zero value stands before the first.
type position struct {
	runAt time.Time
	id    string
}

func positionOf(row *covetmodels.OutboxRow) position { return position{runAt: row.RunAt, id: row.ID} }

func (p position) isZero() bool { return p.id == "" }

// String returns the position as a cursor, which is safe in a URL.
func (p position) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.runAt.UnixMicro(), 10) + " " + p.id))
}

// Times that not every database stores, or that JSON has no form for, are refused: here those in cursors, which come from the
// address bar, and those of new jobs.
var (
	earliestRun = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	latestRun   = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

const uuidLength = 36

// isID reports whether id looks like that of a row.
func isID(id string) bool {
	return len(id) == uuidLength && strings.Trim(id, "0123456789abcdef-") == ""
}

// parseCursor reads a cursor back; "" is the start.
func parseCursor(cursor string) (position, error) {
	if cursor == "" {
		return position{}, nil
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return position{}, ErrCursor
	}
	micros, id, _ := strings.Cut(string(text), " ")
	number, err := strconv.ParseInt(micros, 10, 64)
	p := position{runAt: time.UnixMicro(number).UTC(), id: id}
	if err != nil || p.runAt.Before(earliestRun) || p.runAt.After(latestRun) || !isID(id) || p.String() != cursor {
		return position{}, ErrCursor
	}
	return p, nil
}
