package log_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/log"
)

type key struct{}

func requestID(ctx context.Context, r *slog.Record) {
	if id, ok := ctx.Value(key{}).(string); ok {
		r.AddAttrs(slog.String("request_id", id))
	}
}

func TestLoggerAddsTheContext(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	logger := log.New(&out, log.Config{Format: "json"}, requestID).With("part", "web")
	logger.InfoContext(context.WithValue(t.Context(), key{}, "r1"), "hello")

	var line map[string]any
	if err := json.Unmarshal([]byte(out.String()), &line); err != nil {
		t.Fatalf("line is no JSON: %v\n%s", err, &out)
	}
	if line["request_id"] != "r1" || line["part"] != "web" || line["msg"] != "hello" {
		t.Errorf("line = %v", line)
	}
}

func TestLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]string{
		"debug": "debug info warn error", "info": "info warn error", "warn": "warn error", "error": "error",
		"loud": "info warn error",
	} {
		var out strings.Builder
		logger := log.New(&out, log.Config{Level: level})
		logger.DebugContext(t.Context(), "debug")
		logger.InfoContext(t.Context(), "info")
		logger.WarnContext(t.Context(), "warn")
		logger.ErrorContext(t.Context(), "error")
		var got []string
		for line := range strings.Lines(out.String()) {
			_, msg, _ := strings.Cut(line, "msg=")
			got = append(got, strings.TrimSpace(msg))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("level %s writes %v, want %s", level, got, want)
		}
	}
}

// Threat: a value with a line break forges a log line.
func TestLineBreaksAreQuoted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	log.New(&out, log.Config{Format: "text"}).InfoContext(t.Context(), "x", "path", "/\nlevel=ERROR msg=forged")
	if n := strings.Count(out.String(), "\n"); n != 1 {
		t.Errorf("%d lines, want 1:\n%s", n, &out)
	}
}

// The output of an application under the dev server is a pipe, and ends up on a terminal all the same.
func TestTerminalElsewhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg    log.Config
		colour bool
		text   string
	}{
		"a pipe":              {log.Config{}, false, `level=INFO msg=hello`},
		"a terminal":          {log.Config{Terminal: true}, false, "INF hello"},
		"a terminal, colours": {log.Config{Terminal: true, Color: true}, true, "hello"},
		"JSON prevails":       {log.Config{Format: "json", Terminal: true, Color: true}, false, `"msg":"hello"`},
	} {
		var out strings.Builder
		log.New(&out, c.cfg).InfoContext(t.Context(), "hello")
		if !strings.Contains(out.String(), c.text) || strings.Contains(out.String(), "\x1b[") != c.colour {
			t.Errorf("%s: %q", name, out.String())
		}
	}
}
