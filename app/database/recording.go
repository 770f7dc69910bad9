package database

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Statement is a statement that was run, for developers. It has no parameters, because they are personal data.
type Statement struct {
	SQL  string
	Took time.Duration
	// Rows is the number of rows that were read or changed; -1 if unknown.
	Rows int64
	// Err is the text of the error; empty if there was none.
	Err string
	// Stack contains the callers of a failed statement, innermost first, as of runtime.Callers.
	Stack []uintptr
}

// maxStatements limits the statements of a recording, and maxStatement the length of each.
const (
	maxStatements = 100
	maxStatement  = 4 << 10
)

// Recording records the statements that run under a context. It is safe for concurrent use.
type Recording struct {
	mu   sync.Mutex
	list []Statement
	more int
}

type recordingKey struct{}

// Record returns a context whose statements are recorded by databases with Config.Record.
func Record(ctx context.Context) (context.Context, *Recording) {
	r := &Recording{}
	return context.WithValue(ctx, recordingKey{}, r), r
}

// Recorded returns the recording of a context, or nil.
func Recorded(ctx context.Context) *Recording {
	r, _ := ctx.Value(recordingKey{}).(*Recording) // nil without one
	return r
}

// Statements returns the first statements, in order, and how many more there were. A nil recording has none.
func (r *Recording) Statements() (list []Statement, more int) {
	if r == nil {
		return nil, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append(list, r.list...), r.more
}

func newStatement(sql string, took time.Duration, rows int64, err error) Statement {
	s := Statement{SQL: sql, Took: took, Rows: rows}
	if len(sql) > maxStatement {
		s.SQL = strings.ToValidUTF8(sql[:maxStatement], "") + " …"
	}
	if err != nil {
		s.Err = errorText(err)
		stack := make([]uintptr, 64)
		s.Stack = stack[:runtime.Callers(2, stack)]
	}
	return s
}

func (r *Recording) add(s Statement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == maxStatements {
		r.more++
		return
	}
	r.list = append(r.list, s)
}
