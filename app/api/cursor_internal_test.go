package api

import (
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/utils/tests"
)

type row struct {
	ID int64
	At time.Time
}

func testKeyset(t testing.TB, column string, direction Direction) *keyset {
	t.Helper()
	db, err := gorm.Open(tests.DummyDialector{}, &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKeyset(db, &[]row{}, column, direction)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Threat: a client makes up conditions of its own: nothing but what was sealed
// opens, whatever is done to it.
func FuzzCursor(f *testing.F) {
	key := []byte("only-for-tests")
	k := testKeyset(f, "at", Descending)
	sealed, err := k.seal(f.Context(), key, reflect.ValueOf(row{7, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		sealed, "", "AAAA", sealed[:len(sealed)-1], sealed + "A",
		base64.RawURLEncoding.EncodeToString([]byte(`0123456789abcdef["2026-01-02T03:04:05Z",1]`)),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		at, id, err := k.open(key, cursor)
		if err == nil && strings.TrimSpace(cursor) != sealed {
			t.Errorf("%q opens as %v, %v", cursor, at, id)
		}
	})
}

func TestCursorBelongsToItsOrder(t *testing.T) {
	t.Parallel()
	key := []byte("only-for-tests")
	k := testKeyset(t, "at", Descending)
	want := row{7, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
	sealed, err := k.seal(t.Context(), key, reflect.ValueOf(&want))
	if err != nil {
		t.Fatal(err)
	}
	if at, id, err := k.open(key, sealed); err != nil || id != want.ID || !want.At.Equal(at.(time.Time)) {
		t.Errorf("opened %v, %v, %v", at, id, err)
	}
	for name, opens := range map[string]func() error{
		"another key":       func() error { _, _, err := k.open([]byte("other"), sealed); return err },
		"no key":            func() error { _, _, err := k.open(nil, sealed); return err },
		"another direction": func() error { _, _, err := testKeyset(t, "at", Ascending).open(key, sealed); return err },
		"another column":    func() error { _, _, err := testKeyset(t, "id", Descending).open(key, sealed); return err },
	} {
		if opens() == nil {
			t.Errorf("%s: it opens", name)
		}
	}
	db, err := gorm.Open(tests.DummyDialector{}, &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newKeyset(db, &[]row{}, "id; DROP TABLE rows", Ascending); err == nil {
		t.Error("a column that there is none is taken")
	}
}
