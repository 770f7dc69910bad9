package paging

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

func testOrder(t testing.TB) *order {
	t.Helper()
	db, err := gorm.Open(tests.DummyDialector{}, &gorm.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse(db, reflect.TypeFor[[]row]())
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOrder(db, s, Newest("at"))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Threat: a client makes up conditions of its own: only what was sealed opens, whatever is done to it.
func FuzzCursor(f *testing.F) {
	key := []byte("only-for-tests")
	o := testOrder(f)
	at := o.position(f.Context(), reflect.ValueOf(row{7, time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}))
	sealed := o.seal(key, place{row: at})
	for _, seed := range []string{
		sealed, "", First, Last, "AAAA", sealed[:len(sealed)-1], sealed + "A",
		base64.RawURLEncoding.EncodeToString([]byte(`0123456789abcdef[false,"2026-01-02T03:04:05Z",1]`)),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		opened, err := o.open(key, cursor)
		if err == nil && opened.row != nil && strings.TrimSpace(cursor) != sealed {
			t.Errorf("%q opens as %+v", cursor, opened)
		}
	})
}

func TestCursorKeepsItsPlace(t *testing.T) {
	t.Parallel()
	key := []byte("only-for-tests")
	o := testOrder(t)
	want := row{-9007199254740993, time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)}
	for _, backward := range []bool{false, true} {
		at := place{backward: backward, row: o.position(t.Context(), reflect.ValueOf(want))}
		got, err := o.open(key, " "+o.seal(key, at)+" ")
		if err != nil || got.backward != backward || got.row.key != want.ID || !got.row.value.(time.Time).Equal(want.At) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if _, err := o.open(nil, o.seal(nil, place{row: &position{want.At, want.ID}})); err == nil {
		t.Error("a cursor opens without a key")
	}
}
