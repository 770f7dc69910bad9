package ddl_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

var update = flag.Bool("update", false, "write the golden files")

var dialects = []ddl.Dialect{ddl.SQLite, ddl.Postgres, ddl.MySQL}

// newTable reads a table as it is written on a command line.
func newTable(t testing.TB, words string) ddl.Table {
	t.Helper()
	parts := strings.Fields(words)
	name, err := inflect.ParseModel(parts[0])
	if err != nil {
		t.Fatal(err)
	}
	fields, err := field.Parse(parts[1:])
	if err != nil {
		t.Fatal(err)
	}
	return ddl.Table{Name: name, Fields: fields}
}

// everything has each type, with what may be said of it.
const everything = `post title:string! body:text slug:string:unique summary:text? rating:int:index rank:int:default=-3
	views:bigint
	weight:float? price:decimal(10,2) pinned:bool:default=true held_on:date published_at:time?
	starts_at:time:default=2026-01-02T03:04:05+02:00
	token:uuid:unique meta:json options:json:default={"a":"it's"} status:enum(draft,live):default=draft mood:enum(up,down)?
	cover:file https:bool note:text:default=it's
	author:belongs_to:user editor:belongs_to:user? category:belongs_to:category parent:belongs_to:post?
	order:belongs_to:category?:unique
	tags:many:tag related:many:post`

var golden = map[string]struct {
	table string
	write func(ddl.Table, ddl.Dialect) string
}{
	"create_posts":    {everything, ddl.CreateTable},
	"create_products": {"shop/product name:string! group:int price:decimal(10,2):index", ddl.CreateTable},
	"create_empty":    {"empty", ddl.CreateTable},
	"add_to_posts": {
		"post subtitle:string score:decimal(6,3):index draft:bool extra:json " +
			"state:enum(a,b):default=a due_on:date? sku:string?:unique reviewer:belongs_to:user? labels:many:tag",
		ddl.AddColumns,
	},
	"add_one": {"post subtitle:string", ddl.AddColumns},
	"remove_of_posts": {
		"post subtitle:string due_on:date sku:string:unique reviewer:belongs_to:user labels:many:tag",
		ddl.RemoveColumns,
	},
	"add_labels_alone": {"post labels:many:tag", ddl.AddColumns},
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range golden {
		for _, d := range dialects {
			path := filepath.Join("testdata", name+"."+string(d)+".sql")
			got := c.write(newTable(t, c.table), d)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got; -update writes it):\n%s", path, diff)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"post title:string":                             "",
		"post parent:belongs_to:post":                   "makes the first row impossible",
		"post parent:belongs_to:post?":                  "",
		"post posts:many:post":                          "related:many:post",
		"post " + strings.Repeat("x", 60) + ":int":      "PostgreSQL identifier has at most 63",
		"post " + strings.Repeat("x", 60) + ":many:tag": "PostgreSQL identifier has at most 63",
		"post price:decimal(20,2)":                      "SQLite keeps 15",
	} {
		err := newTable(t, words).Check(dialects...)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q", words, err, want)
		}
	}
	if err := newTable(t, "post price:decimal(20,2)").Check(ddl.Postgres, ddl.MySQL); err != nil {
		t.Error(err)
	}
}

func TestCheckAdd(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"post title:string n:int x:decimal(4,2) b:bool m:json c:file tags:many:tag":         "",
		"post on:date? status:enum(a,b):default=b author:belongs_to:user? s:string?:unique": "",
		"post on:date":                "set it with :default=",
		"post at:time":                "set it with :default=",
		"post key:uuid":               "set it with :default=",
		"post status:enum(a,b)":       "set it with :default=",
		"post author:belongs_to:user": "would have no value",
		"post slug:string:unique":     "not unique",
		"post parent:belongs_to:post": "makes the first row impossible",
	} {
		err := newTable(t, words).CheckAdd(dialects...)
		if want == "" && err == nil {
			continue
		}
		var refused *ddl.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %q", words, err, want)
		}
	}
}

func TestOnDelete(t *testing.T) {
	t.Parallel()
	table := newTable(t,
		"comment author:belongs_to:user editor:belongs_to:user? post:belongs_to:post category:belongs_to:category")
	table.Owned = []string{"posts"}
	for i, want := range []string{"CASCADE", "SET NULL", "CASCADE", "RESTRICT"} {
		if got := table.OnDelete(table.Fields[i]); got != want {
			t.Errorf("%s: %s, want %s", table.Fields[i], got, want)
		}
	}
}
