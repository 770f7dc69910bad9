package log

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Ring keeps the last lines of a log in memory, for the error page in development. It is safe for concurrent use.
type Ring struct {
	size int

	mu      sync.Mutex
	entries []Entry
}

// Entry is a line of the log.
type Entry struct {
	Time    time.Time
	Level   slog.Level
	Message string
	// Attrs are the attributes in their written form: "key=value".
	Attrs []string
	// Request is the attribute request_id; empty without one.
	Request string
}

// maxAttr is the maximum length of a kept attribute, in bytes.
const maxAttr = 2 << 10

// NewRing returns a ring of size lines.
func NewRing(size int) *Ring { return &Ring{size: size} }

// Entries returns the lines, oldest first. A nil ring has none.
func (r *Ring) Entries() []Entry {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.entries)
}

func (r *Ring) add(e Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) >= r.size {
		r.entries = slices.Delete(r.entries, 0, len(r.entries)-r.size+1)
	}
	r.entries = append(r.entries, e)
}

// ringHandler adds records to the ring and passes them on.
type ringHandler struct {
	slog.Handler
	ring    *Ring
	attrs   []string // attributes of the logger
	request string
	group   string // "group." before the names of attributes
}

// Handle implements [slog.Handler].
func (h *ringHandler) Handle(ctx context.Context, record slog.Record) error {
	own := *h
	own.attrs = slices.Clone(h.attrs)
	record.Attrs(func(a slog.Attr) bool {
		own.appendAttr(h.group, a)
		return true
	})
	h.ring.add(Entry{record.Time, record.Level, record.Message, own.attrs, own.request})
	return h.Handler.Handle(ctx, record)
}

// WithAttrs implements [slog.Handler].
func (h *ringHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.Handler, with.attrs = h.Handler.WithAttrs(attrs), slices.Clone(h.attrs)
	for _, a := range attrs {
		with.appendAttr(h.group, a)
	}
	return &with
}

// WithGroup implements [slog.Handler].
func (h *ringHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	with.Handler, with.group = h.Handler.WithGroup(name), h.group+name+"."
	return &with
}

// appendAttr adds an attribute to the entry; the attributes of a group are added one by one.
func (h *ringHandler) appendAttr(group string, a slog.Attr) {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, inner := range value.Group() {
			h.appendAttr(group, inner)
		}
		return
	}
	text := value.String()
	switch {
	case a.Key == "":
		return
	case a.Key == "request_id":
		h.request = text
		return
	case len(text) > maxAttr:
		text = text[:maxAttr] + " …"
	}
	if strings.ContainsAny(text, " \"=\n") {
		text = fmt.Sprintf("%q", text)
	}
	h.attrs = append(h.attrs, group+a.Key+"="+text)
}
