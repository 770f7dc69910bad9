package generate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate"
)

// Migrations are refused that databases would refuse, as far as the migrations of the application tell.
func TestMigrationsAreCompared(t *testing.T) {
	t.Parallel()
	root := newBlog(t)
	run(t, root, "model tag name:string!", "migration create_votes value:int tags:many:tag")
	for _, dialect := range []string{"sqlite", "postgres"} {
		put(t, root, "migrations/"+dialect+"/20260102000000_by_hand.sql", `-- +goose Up
CREATE TABLE stock (id BIGINT PRIMARY KEY, amount INTEGER);
CREATE TABLE copies AS SELECT * FROM stock;
-- +goose Down
DROP TABLE stock;`)
	}
	put(t, root, "models/planned.go", "package models\n\n// Planned has no table yet.\ntype Planned struct {\n\tID int64\n}\n")
	for line, want := range map[string]string{
		"migration add_email_to_messages email:string":             "messages already has a column email: migrations/sqlite/20260101000000",
		"migration add_x_to_message email:string":                  "messages already has a column email",
		"migration add_created_to_messages id:bigint":              "id",
		"migration add_name_to_users display_name:string":          "users already has a column display_name",
		"migration add_title_to_nothings title:string":             `there is no table "nothings"`,
		"migration remove_title_from_nothings title:string":        `there is no table "nothings"`,
		"migration remove_title_from_messages title:string":        `there is no column of messages "title"`,
		"migration add_tags_to_votes tags:many:tag":                "the table vote_tags already exists",
		"migration remove_others_from_messages others:many:tag":    `there is no table "message_others"`,
		"migration create_message title:string":                    "the table messages already exists",
		"migration create_stock title:string":                      "the table stock already exists",
		"model vote value:int":                                     "the table votes already exists",
		"migration add_x_to_tags user:belongs_to:user user_id:int": "user_id",
		"migration add_x_to_tags title:string title:string":        "title",
		"migration create_messages":                                "already has that name",
		"migration create-messages email:string":                   "already has that name",
		"migration add_email_to_messages x:int email:text":         "messages already has a column email",

		// What may be right is accepted.
		"migration add_rating_to_messages rating:int":       "",
		"migration add_rating_to_stock rating:int":          "",
		"migration add_amount_to_copies amount:int":         "",
		"migration remove_any_from_copies any:int":          "",
		"migration add_age_to_users age:int":                "",
		"migration remove_age_from_users age:int":           "",
		"migration add_age_to_planned age:int":              "",
		"migration create_planned age:int":                  "",
		"migration remove_email_from_messages email:string": "",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			_, err := plan(root, line)
			if want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q in it", err, want)
			}
		})
	}
}

// The error of an unknown table or column has the existing ones, of which the command suggests the nearest.
func TestMigrationsNameWhatExists(t *testing.T) {
	t.Parallel()
	root := newBlog(t)
	for line, want := range map[string]string{
		"migration add_title_to_mesages title:string":     "messages",
		"migration remove_emial_from_messages emial:text": "email",
	} {
		var unknown *generate.UnknownError
		if _, err := plan(root, line); !errors.As(err, &unknown) || !strings.Contains(strings.Join(unknown.Known, " "), want) {
			t.Errorf("%s: %v of %v, want %s among them", line, err, unknown, want)
		}
	}
}

// Migrations that may do anything leave open which tables and columns there are.
func TestMigrationsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	root := newApplication(t, scaffold.Options{Name: "blog", Databases: []scaffold.Dialect{scaffold.Postgres}})
	put(t, root, "migrations/postgres/20260102000000_by_hand.sql",
		"-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN PERFORM 1; END $$;\n-- +goose StatementEnd\n")
	for _, line := range []string{
		"migration add_title_to_nothings title:string", "migration add_email_to_messages email:string",
		"migration remove_title_from_messages title:string",
	} {
		if _, err := plan(root, line); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// A migration does not stand in the way of itself when it is generated again.
func TestMigrationsAgain(t *testing.T) {
	t.Parallel()
	root := newBlog(t)
	for _, line := range []string{
		"model tag name:string!", "migration add_rating_to_tags rating:int", "migration create_votes value:int",
		"migration remove_body_from_messages body:text",
	} {
		run(t, root, line)
		if _, err := plan(root, line); err != nil {
			t.Errorf("again: %s: %v", line, err)
		}
	}
}
