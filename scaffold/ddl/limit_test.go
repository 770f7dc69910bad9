package ddl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/scaffold/ddl"
)

// many is a line with as many fields of a type.
func manyFields(kind string, count int) string {
	var b strings.Builder
	b.WriteString("thing")
	for i := range count {
		fmt.Fprintf(&b, " f%d:%s", i, kind)
	}
	return b.String()
}

// What one of the databases does not take is refused where it is used, with its name and the limit.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line    string
		dialect ddl.Dialect
		want    string
	}{
		{"thing ctid:string", ddl.Postgres, "PostgreSQL has a column ctid"},
		{"thing xmin:int", ddl.Postgres, "PostgreSQL has a column xmin"},
		{"thing cmax:int", ddl.Postgres, "rename it to thing_cmax"},
		{"thing tableoid:int", ddl.Postgres, "PostgreSQL has a column tableoid"},
		{"thing oid:int rowid:int", ddl.Postgres, ""},
		{"thing ctid:string xmin:int rowid:int oid:int", ddl.SQLite, ""},
		{"thing ctid:string xmin:int", ddl.MySQL, ""},
		{manyFields("string", 64), ddl.MySQL, ""},
		{manyFields("string", 65), ddl.MySQL, "the maximum size of a MySQL row is 65535 bytes"},
		{manyFields("string", 65), ddl.Postgres, ""},
		{manyFields("string(63)", 259), ddl.MySQL, "the maximum size of a MySQL row is 65535 bytes"},
		{manyFields("enum(a,b)", 256), ddl.MySQL, "the maximum size of a MySQL row is 65535 bytes"},
		{manyFields("int:index", 62), ddl.MySQL, ""},
		{manyFields("int:index", 63), ddl.MySQL, "a MySQL table has at most 64 indexes"},
	} {
		err := newTable(t, test.line).Check(test.dialect)
		var refused *ddl.Error
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%.40s on %s: %v", test.line, test.dialect, err)
		case test.want != "" && (!errors.As(err, &refused) || !strings.Contains(refused.Problem, test.want)):
			t.Errorf("%.40s on %s: %v, and not: %s", test.line, test.dialect, err, test.want)
		}
	}
}

// What the limits allow the databases take.
func TestLimitsOfServers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db *database.DB, d ddl.Dialect) {
		for i, line := range []string{
			manyFields("string", 64), manyFields("int:index", 62), "thing oid:int rowid:int code:string(3):unique",
		} {
			table := newTable(t, strings.Replace(line, "thing", fmt.Sprintf("thing_%d", i), 1))
			must(t, table.Check(d))
			up(t, app(db, d, ddl.CreateTable(table, d)))
			down(t, app(db, d, ddl.CreateTable(table, d)), 1)
		}
	})
}
