package migrations

import (
	"context"
	"log/slog"
	"path"
	"strings"
)

// recorder is a log handler that records the statements that goose starts, which goose reports only in its log.
type recorder struct {
	source     string
	statements []string
	begun      func(ctx context.Context, base string, statements []string) // called for each statement
}

// statementsOf returns the statements of a file in the order of their start; the last one is where it stopped.
func (r *recorder) statementsOf(base string) []string {
	if r.source != base {
		return nil
	}
	return r.statements
}

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *recorder) WithGroup(string) slog.Handler            { return r }

// Handle records the statement of a log record. goose logs from one goroutine at a time.
func (r *recorder) Handle(ctx context.Context, record slog.Record) error {
	var source, statement string
	record.Attrs(func(attr slog.Attr) bool {
		switch attr.Key {
		case "source":
			source = path.Base(attr.Value.String())
		case "statement":
			statement = attr.Value.String()
		}
		return true
	})
	if statement == "" {
		return nil
	}
	if source != r.source {
		r.source, r.statements = source, nil
	}
	r.statements = append(r.statements, statement)
	if r.begun != nil {
		r.begun(ctx, source, r.statements)
	}
	return nil
}

// locate returns the line, counted from 1, in which each statement begins in content. It stops at the first statement
// that content does not contain literally, for example because variables were substituted.
func locate(content string, statements []string) []int {
	var lines []int
	from := 0
	for _, statement := range statements {
		statement = strings.TrimSpace(statement)
		at := strings.Index(content[from:], statement)
		if at < 0 || statement == "" {
			return nil
		}
		from += at
		lines = append(lines, 1+strings.Count(content[:from], "\n"))
		from += len(statement)
	}
	return lines
}
