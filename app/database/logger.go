package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slogLogger writes GORM's log to a slog.Logger: statements at debug level, slow ones as warnings, failures as errors
// unless they are part of normal operation. It never logs parameters, because they are personal data.
type slogLogger struct {
	log    *slog.Logger
	slow   time.Duration
	record bool
	level  logger.LogLevel
}

// newLogger returns a GORM logger that warns about statements of at least slow; never if slow is not positive.
func newLogger(log *slog.Logger, slow time.Duration, record bool) logger.Interface {
	return &slogLogger{log: log, slow: slow, record: record, level: logger.Info}
}

// LogMode returns a logger with another level; logger.Silent silences it.
func (l *slogLogger) LogMode(level logger.LogLevel) logger.Interface {
	changed := *l
	changed.level = level
	return &changed
}

func (l *slogLogger) Info(ctx context.Context, msg string, args ...any) {
	if l.level >= logger.Info {
		l.log.DebugContext(ctx, "gorm: "+fmt.Sprintf(msg, args...))
	}
}

func (l *slogLogger) Warn(ctx context.Context, msg string, args ...any) {
	if l.level >= logger.Warn {
		l.log.WarnContext(ctx, "gorm: "+fmt.Sprintf(msg, args...))
	}
}

func (l *slogLogger) Error(ctx context.Context, msg string, args ...any) {
	if l.level >= logger.Error {
		l.log.ErrorContext(ctx, "gorm: "+fmt.Sprintf(msg, args...))
	}
}

// ParamsFilter removes the parameters from the input of Trace.
func (l *slogLogger) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// hideParameters removes the parameters from the log of Scan, for which GORM passes its logger the statement including
// its parameters.
func hideParameters(db *gorm.DB) {
	if reflect.TypeOf(db.Logger) == reflect.TypeOf(logger.Recorder.New()) {
		db.Logger = withoutParameters{db.Logger} // this configuration is a copy for this one call
	}
}

// withoutParameters is a logger that receives no parameters.
type withoutParameters struct{ logger.Interface }

// ParamsFilter removes the parameters from the input of Trace.
func (withoutParameters) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace logs a statement and records it if its context asks for that.
func (l *slogLogger) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), err error) {
	if l.level <= logger.Silent {
		return
	}
	elapsed := time.Since(begin)
	level, msg := slog.LevelDebug, "query"
	switch {
	case err != nil && !isExpected(err) && !errors.Is(err, context.Canceled):
		level, msg = slog.LevelError, "query failed"
	case l.slow > 0 && elapsed >= l.slow && !isBackground(ctx):
		level, msg = slog.LevelWarn, "slow query"
	}
	var recording *Recording
	if l.record {
		recording = Recorded(ctx)
	}
	logged := l.log.Enabled(ctx, level)
	if !logged && recording == nil {
		return
	}
	sql, rows := fc()
	if recording != nil {
		recording.add(newStatement(sql, elapsed, rows, err))
	}
	if !logged {
		return
	}
	attrs := []slog.Attr{slog.String("sql", loggedSQL(sql)), slog.Duration("duration", elapsed)}
	if rows >= 0 {
		attrs = append(attrs, slog.Int64("rows", rows))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", errorText(err)))
	}
	l.log.LogAttrs(ctx, level, msg, attrs...)
}

// errorText returns the text of err; for a translated error only its meaning, because MySQL's text of a duplicate key
// repeats the value.
func errorText(err error) string {
	var t *translated
	if errors.As(err, &t) {
		return t.kind.Error()
	}
	return err.Error()
}

// longestSQL is the maximum number of logged bytes of a statement: inserting hundreds of rows takes thousands of
// placeholders.
const longestSQL = 4096

func loggedSQL(sql string) string {
	if len(sql) <= longestSQL {
		return sql
	}
	return fmt.Sprintf("%s… (%d bytes)", strings.ToValidUTF8(sql[:longestSQL], ""), len(sql))
}
