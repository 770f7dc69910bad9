package database_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/database"
)

// Entry has columns whose names mean something in SQL.
type Entry struct {
	ID    int64
	Group string `gorm:"size:100"`
	Order string `gorm:"size:100"`
}

// openEntries opens a database with one entry for each group.
func openEntries(t *testing.T, url string, groups ...string) *database.DB {
	t.Helper()
	db := open(t, database.Config{URL: url})
	must(t, db.With(t.Context()).AutoMigrate(&Entry{}))
	for i, group := range groups {
		must(t, db.With(t.Context()).Create(&Entry{ID: int64(i + 1), Group: group, Order: "nothing"}).Error)
	}
	return db
}

func TestSearch(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		groups := []string{
			"plain", "100% sure", "100 sure", "snake_case", "snakeXcase", `back\slash`, "bang!",
			"it's ?", "Ünïcode 猫",
		}
		db := openEntries(t, url, groups...)
		for _, tt := range []struct {
			text string
			want []string
		}{
			{"", groups},
			{" \t", groups},
			{"PLAI", []string{"plain"}},
			{" plain ", []string{"plain"}},
			{"100%", []string{"100% sure"}},
			{"%", []string{"100% sure"}},
			{"_", []string{"snake_case"}},
			{"snake_case", []string{"snake_case"}},
			{`\`, []string{`back\slash`}},
			{`k\s`, []string{`back\slash`}},
			{"!", []string{"bang!"}},
			{"bang!", []string{"bang!"}},
			{"it's ?", []string{"it's ?"}},
			{"猫", []string{"Ünïcode 猫"}},
			{"Ünï", []string{"Ünïcode 猫"}},
			{"' OR '1'='1", nil},
			{"plain\x00", nil},
			{"\xff", nil},
			{strings.Repeat("%", 60_000), nil},
			{strings.Repeat("a", 60_000), nil},
		} {
			var found []string
			must(t, database.Search(db.With(t.Context()).Model(&Entry{}), tt.text, "group", "order").
				Order("id").Pluck("group", &found).Error)
			if diff := cmp.Diff(tt.want, found, cmp.Transformer("nil",
				func(list []string) string { return strings.Join(list, "|") })); diff != "" {
				t.Errorf("%.40q (-want +got):\n%s", tt.text, diff)
			}
		}
	})
}

// What Search says of each database: which letters are the same.
func TestSearchFoldsCase(t *testing.T) {
	want := map[string][]bool{ // ASCII, Ä as ä, Ä as a
		"sqlite": {true, false, false}, "postgres": {true, true, false}, "mysql": {true, true, true},
	}
	eachDatabase(t, func(t *testing.T, url string) {
		db := openEntries(t, url, "ZEBRA Äpfel")
		for i, text := range []string{"zebra", "äpfel", "apfel"} {
			var n int64
			must(t, database.Search(db.With(t.Context()).Model(&Entry{}), text, "entries.group").Count(&n).Error)
			if got := n == 1; got != want[db.Dialect()][i] {
				t.Errorf("%s finds %q: %v", db.Dialect(), text, got)
			}
		}
	})
}

func TestSearchKeepsOtherConditions(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openEntries(t, url, "a", "a", "b")
		var n int64
		must(t, database.Search(db.With(t.Context()).Model(&Entry{}).Where("id > 1"), "a", "group", "order").Count(&n).Error)
		if n != 1 {
			t.Errorf("%d rows, want 1: the condition on the id is lost", n)
		}
		must(t, database.Search(db.With(t.Context()).Model(&Entry{}), "a").Count(&n).Error)
		if n != 0 {
			t.Errorf("no columns find %d rows", n)
		}
	})
}
