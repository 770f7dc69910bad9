package docs_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
)

var fieldRow = regexp.MustCompile("(?m)^\\| `([a-z]+(?:_to)?(?:\\([^)]*\\)|:[a-z]+)?)` \\| [^|]+ \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\| *([^|]*?) *\\|$")

// The table of types has the columns that migrations get, and every modifier that the parser takes, and no other.
func TestFieldsAreAsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("generators.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := fieldRow.FindAllStringSubmatch(string(text), -1)
	if len(rows) != 22 {
		t.Errorf("%d types are documented", len(rows))
	}
	for _, row := range rows {
		fields, err := field.Parse([]string{"x:" + row[1]})
		if err != nil {
			t.Error(err)
			continue
		}
		for i, d := range []ddl.Dialect{ddl.SQLite, ddl.Postgres, ddl.MySQL} {
			want := fmt.Sprintf("`%s`", ddl.ColumnType(fields[0], d))
			if fields[0].Type == field.Many {
				want = "a join table"
			}
			if row[i+2] != want {
				t.Errorf("%s is documented as %s on %s, and is %s", row[1], row[i+2], d, want)
			}
		}
		for modifier, sign := range map[string]string{":required": "!", ":nullable": "?", ":unique": "unique", ":index": "index"} {
			_, err := field.Parse([]string{"x:" + row[1] + modifier})
			if documented := strings.Contains(row[5], sign); documented != (err == nil) {
				t.Errorf("%s%s: documented is %v, and parsing says %v", row[1], modifier, documented, err)
			}
		}
	}
}
