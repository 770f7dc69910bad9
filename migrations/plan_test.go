package migrations_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/migrations"
)

func TestPlanDown(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB) {
		runner := migrations.NewRunner(db, newSource("app", map[string]string{
			"00001_one.sql": "-- +goose Up\nCREATE TABLE one (id BIGINT PRIMARY KEY);\n" +
				"-- +goose Down\n-- everything; goes\nDROP TABLE\n    one;\n",
			"00002_two.sql": "-- +goose Up\nALTER TABLE one ADD COLUMN a INT;\nDELETE FROM one;\n" +
				"-- +goose Down\nALTER TABLE one DROP COLUMN a;\nINSERT INTO one (id) VALUES (1);\n",
			"00003_three.sql": "-- +goose Up\nDELETE FROM one;\n",
		}))
		plan := func(n int) []migrations.Reversal {
			t.Helper()
			list, err := runner.PlanDown(t.Context(), n)
			must(t, err)
			return list
		}
		if got := plan(3); len(got) != 0 {
			t.Errorf("before Up: %v", got)
		}
		_, err := runner.Up(t.Context())
		must(t, err)
		want := []migrations.Reversal{
			{Source: "app", Version: 3, Name: "three"},
			{Source: "app", Version: 2, Name: "two", Removes: []string{"ALTER TABLE one DROP COLUMN a"}},
			{Source: "app", Version: 1, Name: "one", Removes: []string{"DROP TABLE one"}},
		}
		if diff := cmp.Diff(want, plan(9)); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[:1], plan(1)); diff != "" {
			t.Errorf("plan of one (-want +got):\n%s", diff)
		}
	})
}
