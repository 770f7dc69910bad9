package database_test

import (
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
