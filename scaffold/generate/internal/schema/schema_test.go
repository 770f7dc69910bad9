package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/generate/internal/schema"
)

func TestApply(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		up   string
		want map[string]string // columns of each table; "…" stands for others that are possible
	}{
		"columns and constraints": {
			`CREATE TABLE IF NOT EXISTS public."posts" (
				id BIGINT GENERATED ALWAYS AS IDENTITY, -- the key, nothing else
				price DECIMAL(10,2) DEFAULT '1,5', "check" TEXT CHECK (length("check") > 2),
				CONSTRAINT unique_price UNIQUE (price), PRIMARY KEY (id)
			); /* CREATE TABLE no (a INT); */`,
			map[string]string{"posts": "check id price"},
		},
		"changes": {
			"CREATE TABLE a (id INT, b INT); ALTER TABLE a ADD c INT, ADD COLUMN d INT, DROP COLUMN b, ADD INDEX x (c);\n" +
				"ALTER TABLE `a` RENAME COLUMN c TO e; ALTER TABLE a CHANGE d f INT; ALTER TABLE a ADD (g INT, h INT)",
			map[string]string{"a": "e f g h id"},
		},
		"SQLite rebuilds": {
			"CREATE TABLE a (id INT, b INT); CREATE TABLE new_a (id INT); INSERT INTO new_a SELECT id FROM a; DROP TABLE a;" +
				"ALTER TABLE new_a RENAME TO a;",
			map[string]string{"a": "id"},
		},
		"renamed":         {"CREATE TABLE a (id INT); RENAME TABLE a TO b, b TO c", map[string]string{"c": "id"}},
		"created by rows": {"CREATE TABLE a AS SELECT 1", map[string]string{"a": "…"}},
		"created alike":   {"CREATE TABLE a (LIKE b)", map[string]string{"a": "…"}},
		"inherited":       {"CREATE TABLE a (id INT) INHERITS (b)", map[string]string{"a": "id …"}},
		"made elsewhere":  {"ALTER TABLE users ADD COLUMN age INT", map[string]string{"users": "age …"}},
		"temporary":       {"CREATE TEMPORARY TABLE a (id INT)", map[string]string{}},
		"block of code": {
			"CREATE TABLE a (id INT);\n-- +goose StatementBegin\nDO $$ BEGIN EXECUTE 'ALTER TABLE a DROP id'; END $$;\n-- +goose StatementEnd",
			map[string]string{"a": "…"},
		},
		"trigger": {
			"CREATE TABLE a (id INT);\n-- +goose StatementBegin\nCREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END;\n" +
				"-- +goose StatementEnd",
			map[string]string{"a": "id"},
		},
		"function": {
			"CREATE TABLE a (id INT); CREATE OR REPLACE FUNCTION f() RETURNS void AS $f$ DROP TABLE a; $f$ LANGUAGE sql;",
			map[string]string{"a": "id"},
		},
		"unknown statement": {"CREATE TABLE a (id INT); SELECT add_columns('a')", map[string]string{"a": "…"}},
		"escaped text":      {`CREATE TABLE a (id TEXT DEFAULT 'it\'s', b INT)`, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := schema.New()
			s.Apply("1_x.sql", "-- +goose Up\n"+test.up+"\n-- +goose Down\nDROP TABLE a;")
			got := map[string]string{}
			for _, name := range s.Tables() {
				table, _ := s.Table(name)
				columns := table.Columns()
				if !table.Lacks("absent") {
					columns = append(columns, "…")
				}
				got[name] = strings.Join(columns, " ")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A table is absent only when nothing could have created it.
func TestLacks(t *testing.T) {
	t.Parallel()
	for up, want := range map[string]bool{
		"CREATE TABLE a (id INT)":                   true,
		"CREATE TABLE a (id INT); -- nothings":      true,
		"CREATE TABLE Nothings (id INT)":            false,
		"CREATE VIEW nothings AS SELECT 1":          false,
		"SELECT create_things('my_nothings')":       false,
		"DO $$ BEGIN PERFORM anything(); END $$":    false,
		"CALL anything()":                           false,
		"CREATE TABLE ${NAME} (id INT)":             true,
		"-- +goose ENVSUB ON\nCREATE TABLE ${A} ()": false,
		"/*!40101 CREATE TABLE x (id INT) */":       false,
	} {
		s := schema.New()
		s.Apply("1_x.sql", "-- +goose Up\n"+up)
		if s.Lacks("nothings") != want {
			t.Errorf("%s: certainly absent is %v, want %v", up, !want, want)
		}
	}
}

func FuzzApply(f *testing.F) {
	for _, seed := range []string{
		"-- +goose Up\nCREATE TABLE a (id INT, b TEXT DEFAULT ''); ALTER TABLE a RENAME b TO c;", "-- +goose Up\n$$a$", "'",
		"-- +goose Up\nALTER TABLE a RENAME", "-- +goose Up\nDROP TABLE a,,b", "-- +goose Up\nRENAME TABLE , ,",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		s := schema.New()
		s.Apply("1_x.sql", content)
		for _, name := range s.Tables() {
			if table, ok := s.Table(name); !ok || table.Name == "" {
				t.Errorf("the table %q cannot be looked up", name)
			}
		}
	})
}
