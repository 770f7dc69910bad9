package log_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/log"
)

func TestRing(t *testing.T) {
	t.Parallel()
	ring := log.NewRing(3)
	logger := log.New(io.Discard, log.Config{Ring: ring}, requestID)
	logger.InfoContext(t.Context(), "dropped")
	logger.With("part", "web").WithGroup("http").WarnContext(t.Context(), "slow",
		"path", "/a b", slog.Group("took", "ms", 7))
	logger.DebugContext(t.Context(), "below the level")
	logger.With("request_id", "r1").InfoContext(t.Context(), "one")
	logger.InfoContext(t.Context(), "two", "long", strings.Repeat("x", 5000), "line", "a\nb")
	var got []string
	for _, e := range ring.Entries() {
		line := e.Level.String() + " " + e.Message + " " + strings.Join(e.Attrs, " ") + " " + e.Request
		if len(line) > 2000 {
			line = line[:20] + line[len(line)-13:]
		}
		got = append(got, line)
	}
	want := []string{
		`WARN slow part=web http.path="/a b" http.took.ms=7 `, "INFO one  r1",
		`INFO two long="xxxxx line="a\nb" `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	var none *log.Ring
	if entries := none.Entries(); entries != nil {
		t.Errorf("entries of no ring = %v", entries)
	}
}
