package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// slogLogger writes what GORM has to say to a slog.Logger: statements at debug level, slow ones as warnings, failures
// as errors unless they are part of ordinary operation. Parameters are never logged: they are people's data.
type slogLogger struct {
	log   *slog.Logger
	slow  time.Duration
	level logger.LogLevel
}

// newLogger returns a GORM logger that warns from slow on; never when slow is not positive.
func newLogger(log *slog.Logger, slow time.Duration) logger.Interface {
	return &slogLogger{log: log, slow: slow, level: logger.Info}
}

// LogMode returns a logger of another level; logger.Silent silences it.
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

// ParamsFilter keeps the parameters out of what Trace receives.
func (l *slogLogger) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace logs one statement.
func (l *slogLogger) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), err error) {
	if l.level <= logger.Silent {
		return
	}
	elapsed := time.Since(begin)
	level, msg := slog.LevelDebug, "query"
	switch {
	case err != nil && !expected(err) && !errors.Is(err, context.Canceled):
		level, msg = slog.LevelError, "query failed"
	case l.slow > 0 && elapsed >= l.slow:
		level, msg = slog.LevelWarn, "slow query"
	}
	if !l.log.Enabled(ctx, level) {
		return
	}
	sql, rows := fc()
	attrs := []slog.Attr{slog.String("sql", sql), slog.Duration("duration", elapsed)}
	if rows >= 0 {
		attrs = append(attrs, slog.Int64("rows", rows))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", loggable(err)))
	}
	l.log.LogAttrs(ctx, level, msg, attrs...)
}

// loggable returns the text of err; of a translated error only what it means, since MySQL's text of a duplicate key,
// for one, repeats the value.
func loggable(err error) string {
	var t *translated
	if errors.As(err, &t) {
		return t.kind.Error()
	}
	return err.Error()
}
