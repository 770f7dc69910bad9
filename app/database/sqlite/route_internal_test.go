package sqlite

import "testing"

func TestClassify(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]route{
		"SELECT 1":                             toReader,
		" \n-- note\n/* ; */ select ';' ;":     toReader,
		"VALUES (1)":                           toReader,
		"EXPLAIN DELETE FROM a":                toReader,
		"WITH a AS (SELECT 1) SELECT * FROM a": toReader,
		"WITH a AS (SELECT 1) SELECT replace('insert', 'a', 'b'), `delete` FROM a": toReader,
		"WITH a(x) AS (SELECT 1) INSERT INTO b SELECT x FROM a":                    toWriter,
		"with a as (select 1) replace into b select * from a":                      toWriter,
		"WITH a AS (SELECT 1) UPDATE b SET c = 1":                                  toWriter,
		"WITH a AS (SELECT 1) DELETE FROM b":                                       toWriter,
		"WITH a AS (SELECT 1) SELECT 1; DELETE FROM b":                             toWriterBatch,
		"INSERT INTO a VALUES (1) RETURNING id":                                    toWriter,
		"INSERT INTO a VALUES (';');":                                              toWriter,
		"SELECT 1; DELETE FROM a":                                                  toWriterBatch,
		"DELETE FROM a; -- that is all":                                            toWriter,
		"PRAGMA table_info(users)":                                                 toReader,
		"PRAGMA main.table_info('users')":                                          toReader,
		"PRAGMA foreign_keys":                                                      toWriter,
		"PRAGMA user_version = 3":                                                  toWriter,
		"VACUUM":                                                                   toWriter,
		"BEGIN":                                                                    refused,
		"savepoint a":                                                              refused,
		"ROLLBACK TO a":                                                            refused,
		"":                                                                         toWriter,
		"'unterminated":                                                            toWriter,
		"/* unterminated":                                                          toWriter,
	} {
		if got := classify(query); got != want {
			t.Errorf("%q: route is %d, want %d", query, got, want)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("WITH a AS (SELECT ';') REPLACE INTO b VALUES ([;], `x`) -- c")
	f.Add("/*")
	f.Fuzz(func(_ *testing.T, query string) { classify(query) }) // ends, and does not panic
}
