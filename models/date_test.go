package models_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	covetmodels "github.com/covetgo/covet/models"
)

func ExampleDate() {
	due := covetmodels.DateOf(time.Date(2026, 2, 27, 18, 30, 0, 0, time.UTC)).AddDays(14)
	text, _ := json.Marshal(due)
	fmt.Println(due, string(text), due.After(covetmodels.NewDate(2026, time.March, 1)))
	// Output: 2026-03-13 "2026-03-13" true
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]covetmodels.Date{
		"2026-02-28": covetmodels.NewDate(2026, 2, 28),
		"2028-02-29": covetmodels.NewDate(2028, 2, 29),
		"0001-01-01": covetmodels.NewDate(1, 1, 1),
		"9999-12-31": covetmodels.NewDate(9999, 12, 31),
	} {
		if got, err := covetmodels.ParseDate(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "2026-02-29", "2026-2-8", "28.02.2026", "0000-01-01", "2026-01-01T00:00",
		" 2026-01-01", "10000-01-01", "-001-01-01",
	} {
		if got, err := covetmodels.ParseDate(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

func TestDateZero(t *testing.T) {
	t.Parallel()
	var none covetmodels.Date
	value, err := none.Value()
	if value != nil || err != nil || !none.IsZero() || none.String() != "" || !none.Time().IsZero() {
		t.Errorf("no date is %q, and stored as %v, %v", none, value, err)
	}
	kept := covetmodels.NewDate(2026, 1, 1)
	if err := json.Unmarshal([]byte(`""`), &kept); err != nil || kept != none {
		t.Errorf("empty text is %v, %v", kept, err)
	}
	if text, err := json.Marshal(none); err != nil || string(text) != `""` {
		t.Errorf("no date is the JSON %s, %v", text, err)
	}
	if !none.Before(covetmodels.NewDate(1, 1, 1)) {
		t.Error("no date is not before the first")
	}
}

// A year beyond four digits reaches neither a client nor a database.
func TestDateBeyond(t *testing.T) {
	t.Parallel()
	for _, d := range []covetmodels.Date{
		covetmodels.NewDate(9999, 12, 31).AddDays(1),
		covetmodels.NewDate(1, 1, 1).AddDays(-1), covetmodels.NewDate(-5, 1, 1),
	} {
		if value, err := d.Value(); err == nil {
			t.Errorf("%v is stored as %v", d, value)
		}
		if text, err := d.MarshalText(); err == nil {
			t.Errorf("%v is written as %s", d, text)
		}
	}
	if d := covetmodels.NewDate(2026, 1, 32); d.Year() != 2026 || d.Month() != time.February || d.Day() != 1 {
		t.Errorf("the 32nd of January is %v", d)
	}
}

func TestDateScan(t *testing.T) {
	t.Parallel()
	want := covetmodels.NewDate(2026, 3, 31)
	for _, value := range []any{
		"2026-03-31", []byte("2026-03-31"), "2026-03-31 00:00:00", "2026-03-31T00:00:00Z",
		time.Date(2026, 3, 31, 23, 59, 0, 0, time.FixedZone("", 3600)),
	} {
		var got covetmodels.Date
		if err := got.Scan(value); err != nil || got != want {
			t.Errorf("%v is scanned as %v, %v", value, got, err)
		}
	}
	for _, value := range []any{1, "yesterday", []byte("2026-03-31x"), true} {
		got := want
		if err := got.Scan(value); err == nil || got != want {
			t.Errorf("%v is scanned as %v, %v", value, got, err)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2026-03-31", "2026-02-30", "", "0000-00-00", "9999-12-31"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := covetmodels.ParseDate(text)
		if err != nil {
			return
		}
		if d.String() != text || d.AddDays(1).AddDays(-1) != d || covetmodels.DateOf(d.Time()) != d {
			t.Errorf("%q is read as %v", text, d)
		}
		if value, err := d.Value(); err != nil || value != text {
			t.Errorf("%q is stored as %v, %v", text, value, err)
		}
	})
}

type event struct {
	ID    int64
	Day   covetmodels.Date `gorm:"not null;index"`
	Until *covetmodels.Date
	Maybe covetmodels.Date
}

// A date comes back as it was stored, is ordered and compared by the database, and
// no date is NULL.
func TestDateInDatabases(t *testing.T) {
	t.Parallel()
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, url(t))
			if err := db.With(t.Context()).AutoMigrate(&event{}); err != nil {
				t.Fatal(err)
			}
			early, late := covetmodels.NewDate(999, 12, 31), covetmodels.NewDate(2026, 3, 31)
			if name == "mysql" {
				early = covetmodels.NewDate(1000, 1, 1) // its first
			}
			stored := []event{{ID: 1, Day: late, Until: &late}, {ID: 2, Day: early, Maybe: early}}
			if err := db.With(t.Context()).Create(&stored).Error; err != nil {
				t.Fatal(err)
			}
			var got []event
			if err := db.With(t.Context()).Order("day DESC").Find(&got).Error; err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored, got); diff != "" {
				t.Errorf("(-stored +got):\n%s", diff)
			}
			var days []covetmodels.Date
			err := db.With(t.Context()).Model(&event{}).Where("day >= ? AND maybe IS NULL", late).Pluck("day", &days).Error
			if err != nil || !cmp.Equal(days, []covetmodels.Date{late}) {
				t.Errorf("found %v, %v", days, err)
			}
			if err := db.With(t.Context()).Create(&event{ID: 3}).Error; err == nil {
				t.Error("no date is stored in a column that is NOT NULL")
			}
		})
	}
}
