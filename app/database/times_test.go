package database_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTimesAreUTC(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		tokyo := time.FixedZone("Tokyo", 9*60*60)
		at := time.Date(2026, 11, 23, 8, 9, 10, 123456789, tokyo)
		must(t, db.With(t.Context()).Create(&Author{Name: "Ada", CreatedAt: at}).Error)

		var read Author
		must(t, db.With(t.Context()).First(&read, "name = ?", "Ada").Error)
		if read.CreatedAt.Location() != time.UTC {
			t.Errorf("read in %v, want UTC", read.CreatedAt.Location())
		}
		if !read.CreatedAt.Truncate(time.Microsecond).Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("read %v, want %v", read.CreatedAt, at)
		}
		var latest time.Time
		must(t, db.With(t.Context()).Raw("SELECT MAX(created_at) FROM authors").Row().Scan(&latest))
		if !latest.Equal(read.CreatedAt) || latest.Location() != time.UTC {
			t.Errorf("MAX is %v, want %v", latest, read.CreatedAt)
		}
	})
}

func TestTimesOfRowsReadBackAsWritten(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		written := Author{Name: "Ada"}
		must(t, db.With(t.Context()).Create(&written).Error)
		var read Author
		must(t, db.With(t.Context()).First(&read, written.ID).Error)
		if diff := cmp.Diff(written, read); diff != "" {
			t.Errorf("(-written +read):\n%s", diff)
		}
	})
}

func TestTimesCompare(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		base := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC)
		west := time.FixedZone("west", -7*60*60)
		moments := []time.Time{
			base, base.Add(time.Microsecond), base.Add(100 * time.Millisecond), base.Add(120 * time.Millisecond).In(west),
			base.Add(time.Second).In(west), base.Add(24 * time.Hour),
		}
		for i, at := range moments {
			must(t, db.With(t.Context()).Create(&Author{Name: string(rune('a' + i)), CreatedAt: at}).Error)
		}
		var sorted []string
		must(t, db.With(t.Context()).Model(&Author{}).Order("created_at").Pluck("name", &sorted).Error)
		if diff := cmp.Diff([]string{"a", "b", "c", "d", "e", "f"}, sorted); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		for i, at := range moments {
			var before int64
			must(t, db.With(t.Context()).Model(&Author{}).Where("created_at < ?", at.In(west)).Count(&before).Error)
			if before != int64(i) {
				t.Errorf("%d rows are before %v, want %d", before, at, i)
			}
		}
	})
}

// Every database cuts times to microseconds, and does not round them: neither those of rows nor those of conditions.
func TestTimesAreCutToMicroseconds(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		last := time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
		first := time.Date(2026, 11, 23, 8, 9, 10, 999, time.UTC)
		raw := "INSERT INTO authors (name, age, created_at) VALUES (?, 0, ?)"
		must(t, db.With(t.Context()).Create(&Author{Name: "row", CreatedAt: last}).Error)
		must(t, db.With(t.Context()).Table("authors").Create(map[string]any{"name": "map", "age": 0, "created_at": &last}).Error)
		must(t, db.With(t.Context()).Exec(raw, "raw", last).Error)
		must(t, db.With(t.Context()).Exec(raw, "null", sql.NullTime{Time: last, Valid: true}).Error)
		for _, name := range []string{"updated", "column"} {
			must(t, db.With(t.Context()).Create(&Author{Name: name, CreatedAt: first}).Error)
		}
		must(t, db.With(t.Context()).Where("name = ?", "updated").Updates(&Author{CreatedAt: last}).Error)
		must(t, db.With(t.Context()).Model(&Author{}).Where("name = ?", "column").Update("created_at", last).Error)

		want := last.Truncate(time.Microsecond)
		var found []Author
		must(t, db.With(t.Context()).Where("created_at = ?", last).Find(&found).Error)
		if len(found) != 6 {
			t.Errorf("%d rows have the time, want 6", len(found))
		}
		for _, author := range found {
			if !author.CreatedAt.Equal(want) {
				t.Errorf("%s has %v, want %v", author.Name, author.CreatedAt, want)
			}
		}
		var exact, before int64
		must(t, db.With(t.Context()).Model(&Author{}).Where("created_at = ?", want).Count(&exact).Error)
		must(t, db.With(t.Context()).Model(&Author{}).Where("created_at < ?", last).Count(&before).Error)
		if exact != 6 || before != 0 {
			t.Errorf("%d rows have the time that was read, want 6; %d are before it, want none", exact, before)
		}
	})
}

// The times of a row in memory are those that are stored, so that a response to a write equals later reads.
func TestTimesOfWrittenRowsAreCut(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		at := time.Date(2026, 11, 23, 8, 9, 10, 123456789, time.FixedZone("Tokyo", 9*60*60))
		rows := []Author{{Name: "Ada", CreatedAt: at}, {Name: "Bob", CreatedAt: at}}
		must(t, db.With(t.Context()).Create(&rows).Error)
		rows[1].CreatedAt = at.Add(time.Hour)
		must(t, db.With(t.Context()).Save(&rows[1]).Error)
		for _, written := range rows {
			var read Author
			must(t, db.With(t.Context()).First(&read, written.ID).Error)
			if !read.CreatedAt.Equal(written.CreatedAt) {
				t.Errorf("%s has %v, and %v is read", written.Name, written.CreatedAt, read.CreatedAt)
			}
		}
	})
}
