package database

import (
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// maxSearch bounds the text of a search, in bytes: SQLite refuses patterns above 50,000, and each byte is one more to
// look for in every row.
const maxSearch = 1000

// Threat: a search for % or _ matches what was not typed, and costs more than it should.
var escapeLike = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Search restricts query to the rows where one of columns contains text, whatever its case:
//
//	database.Search(db.With(ctx), c.QueryParam("q"), "title", "body").Find(&posts)
//
// Every character of text stands for itself, except for space around it. Empty text changes nothing; text that no
// column can hold ([Searchable]) finds nothing, as does a search in no columns.
// Columns are those of the program, not of a request: they are quoted, and may name their table, as in "posts.title".
// They must hold text.
//
// What counts as the same letter is the database's opinion. PostgreSQL folds the case of every letter by the locale of
// the database. SQLite folds A to Z, and takes Ä and ä for different letters. MySQL and MariaDB go by the collation of
// the column, which by default ignores case and accents: a finds Ä.
//
// No index helps: a search looks through every row that the rest of query leaves. Lists that grow use package paging, which
// bounds them.
func Search(query *gorm.DB, text string, columns ...string) *gorm.DB {
	return search(query, "%", text, columns)
}

// SearchPrefix is [Search] for rows where one of columns begins with text.
func SearchPrefix(query *gorm.DB, text string, columns ...string) *gorm.DB {
	return search(query, "", text, columns)
}

// search restricts query to the rows where one of columns has what before stands for, then text, then anything.
func search(query *gorm.DB, before, text string, columns []string) *gorm.DB {
	text = strings.TrimSpace(text)
	if text == "" {
		return query
	}
	if len(columns) == 0 || !Searchable(text) {
		return query.Where("1 = 0")
	}
	like := "? LIKE ? ESCAPE '!'"
	if query.Name() == "postgres" {
		like = "? ILIKE ? ESCAPE '!'"
	}
	conditions := make([]string, len(columns))
	vars := make([]any, 0, 2*len(columns))
	for i, column := range columns {
		conditions[i] = like
		vars = append(vars, clause.Column{Name: column}, before+escapeLike.Replace(text)+"%")
	}
	return query.Where("("+strings.Join(conditions, " OR ")+")", vars...)
}

// Searchable reports whether a column can hold a text: valid UTF-8 without a NUL, of at most 1,000 bytes.
func Searchable(text string) bool {
	return len(text) <= maxSearch && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
