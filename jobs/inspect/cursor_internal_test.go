package inspect

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/jobs/internal/store"
)

func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add(cursorOf(store.Position{RunAt: time.UnixMicro(1), ID: uuid.NewString()}))
	f.Add("MQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := parseCursor(cursor)
		switch {
		case err != nil:
			if !errors.Is(err, ErrCursor) || !p.IsZero() {
				t.Errorf("%q: %v, %v", cursor, p, err)
			}
		case p.IsZero():
			if cursor != "" {
				t.Errorf("%q is the start", cursor)
			}
		case cursorOf(p) != cursor:
			t.Errorf("%q reads as %v", cursor, p)
		}
	})
}
