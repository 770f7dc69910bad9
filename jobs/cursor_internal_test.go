package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

func FuzzParseCursor(f *testing.F) {
	f.Add("")
	f.Add(position{runAt: time.UnixMicro(1), id: uuid.NewString()}.String())
	f.Add("MQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := parseCursor(cursor)
		switch {
		case err != nil:
			if !errors.Is(err, ErrCursor) || !p.isZero() {
				t.Errorf("%q: %v, %v", cursor, p, err)
			}
		case p.isZero():
			if cursor != "" {
				t.Errorf("%q is the start", cursor)
			}
		case p.String() != cursor:
			t.Errorf("%q reads as %q", cursor, p)
		}
	})
}
