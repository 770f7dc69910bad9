package ddl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

// sqliteKeywords are those of https://sqlite.org/lang_keywords.html, which SQLite cannot be asked for in SQL.
const sqliteKeywords = `abort action add after all alter always analyze and as asc attach autoincrement before begin
	between by
	cascade case cast check collate column commit conflict constraint create cross current current_date current_time
	current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape except
	exclude exclusive exists explain fail filter first following for foreign from full generated glob group groups
	having if
	ignore immediate in index indexed initially inner insert instead intersect into is isnull join key last left like limit
	match materialized natural no not nothing notnull null nulls of offset on or order others outer over partition plan
	pragma
	preceding primary query raise range recursive references regexp reindex release rename replace restrict returning right
	rollback row rows savepoint select set table temp temporary then ties to transaction trigger unbounded union unique
	update
	using vacuum values view virtual when where window with without`

// mysqlKeywords are the words that MySQL 8 and 9 reserve and MariaDB does not.
const mysqlKeywords = `cube cume_dist dense_rank empty first_value function generated get grouping groups io_after_gtids
	io_before_gtids json_table lag last_value lateral lead library manual master_bind nth_value ntile of
	optimizer_costs parallel
	percent_rank qualify rank row row_number rows stored system tablesample virtual window`

// keywords asks a server for its words.
func keywords(t *testing.T, db *database.DB, d ddl.Dialect) []string {
	t.Helper()
	words := strings.Fields(sqliteKeywords + " " + mysqlKeywords)
	query := map[ddl.Dialect]string{
		ddl.Postgres: "SELECT word FROM pg_get_keywords()", ddl.MySQL: "SELECT LOWER(word) FROM information_schema.KEYWORDS",
	}[d]
	if query != "" {
		var asked []string
		must(t, db.With(t.Context()).Raw(query).Scan(&asked).Error)
		words = append(words, asked...)
	}
	words = slices.DeleteFunc(words, func(word string) bool {
		return word == "id" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789_") != ""
	})
	slices.Sort(words)
	return slices.Compact(words)
}

// Any keyword of the server can be the name of a column, with an index and a check of it, and that of a table if it
// could be a plural.
func TestKeywordsAreNames(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		words := keywords(t, db, d)
		var files []string
		enum := func(word string) field.Field {
			return field.Field{Name: word, Column: word, Type: field.Enum, Values: []string{"a", "b"}, Index: true}
		}
		edited := ddl.Table{Name: inflect.Name{Type: "Word", Table: "edited_words"}}
		for chunk := range slices.Chunk(words, 60) { // MySQL allows 64 indexes on a table
			table := ddl.Table{Name: inflect.Name{Type: "Word", Table: fmt.Sprintf("words%d", len(files))}}
			for _, word := range chunk {
				table.Fields = append(table.Fields, enum(word))
			}
			files = append(files, ddl.CreateTable(table, d))
			edited.Fields = append(edited.Fields, table.Fields[:min(2, len(chunk))]...)
		}
		extra := ddl.Table{Name: edited.Name, Fields: []field.Field{{Name: "x_" + words[0], Column: "x_" + words[0], Type: field.String}}}
		files = append(files, ddl.CreateTable(edited, d), ddl.RemoveColumns(edited, d), ddl.AddColumns(extra, d))
		for _, word := range words {
			if strings.HasSuffix(word, "s") { // tables are plurals
				files = append(files, ddl.CreateTable(ddl.Table{Name: inflect.Name{Type: "Word", Table: word}}, d))
			}
		}
		runner := app(db, d, files...)
		up(t, runner)
		down(t, runner, len(files))
	})
}
