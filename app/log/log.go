// Package log creates the application's logger: a [log/slog] logger that adds attributes from the context, such as the
// request id, to every line.
//
//	logger := log.New(os.Stderr, log.Config{Level: "info", Format: "json"},
//		func(ctx context.Context, r *slog.Record) {
//			r.AddAttrs(slog.String("request_id", middleware.RequestID(ctx)))
//		})
package log

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// Config configures the log.
type Config struct {
	// Level is the minimum level: debug, info, warn or error. Defaults to info.
	Level string `default:"info" enum:"debug,info,warn,error" doc:"minimum level of log lines"`
	// Format is text (in colour on a terminal, unless NO_COLOR is set), json, or auto: json in production and text
	// elsewhere. Defaults to auto.
	Format string `default:"auto" enum:"auto,text,json" doc:"auto is json in production, text elsewhere"`
	// Terminal says that text is displayed on a terminal although the output is not one, and Color that it supports
	// colours. The dev server sets them; they have no configuration keys. Default to false.
	Terminal bool `config:"-"`
	Color    bool `config:"-"`
	// Ring keeps the last lines. The kernel sets it in development; it has no configuration key. Defaults to none.
	Ring *Ring `config:"-"`
}

// ContextAttrs adds attributes of the context to a record.
type ContextAttrs func(ctx context.Context, r *slog.Record)

// New returns a logger that writes to w and is safe for concurrent use. An unknown level counts as info and an unknown
// format as text, because the configuration has been validated before.
func New(w io.Writer, cfg Config, attrs ...ContextAttrs) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	var handler slog.Handler
	switch {
	case cfg.Format == "json":
		handler = slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	case cfg.Terminal, isTerminal(w):
		plain := os.Getenv("NO_COLOR") != ""
		if cfg.Terminal {
			plain = !cfg.Color
		}
		handler = tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: "15:04:05.000", NoColor: plain})
	default:
		handler = slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})
	}
	if cfg.Ring != nil {
		handler = &ringHandler{Handler: handler, ring: cfg.Ring}
	}
	if len(attrs) > 0 {
		handler = &contextHandler{Handler: handler, attrs: attrs}
	}
	return slog.New(handler)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// contextHandler adds the attributes of the context to each record.
type contextHandler struct {
	slog.Handler
	attrs []ContextAttrs
}

func (h *contextHandler) Handle(ctx context.Context, r slog.Record) error {
	for _, attrs := range h.attrs {
		attrs(ctx, &r)
	}
	return h.Handler.Handle(ctx, r)
}

func (h *contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &contextHandler{Handler: h.Handler.WithAttrs(attrs), attrs: h.attrs}
}

func (h *contextHandler) WithGroup(name string) slog.Handler {
	return &contextHandler{Handler: h.Handler.WithGroup(name), attrs: h.attrs}
}
