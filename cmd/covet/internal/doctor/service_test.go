package doctor_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/covetgo/covet/cmd/covet/internal/doctor"
)

// listening returns the port of a listener, which takes connections and says nothing.
func listening(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// silent returns a port on which nothing listens: bound, so that nobody else gets it.
func silent(t testing.TB) string {
	t.Helper()
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, port, err := net.SplitHostPort(conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestServices(t *testing.T) {
	t.Parallel()
	open, closed := listening(t), silent(t)
	socket := filepath.Join(t.TempDir(), ".s.PGSQL.5432")
	local, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	refused := "127.0.0.1:" + closed + " refuses connections"
	for _, b := range []broken{
		{
			"postgres", "database", nil, "DATABASE_URL=postgres://u:p@127.0.0.1:" + open + "/blog", doctor.OK,
			"127.0.0.1:" + open + " answers", "",
		},
		{"postgres on several", "database", nil, "DATABASE_URL=postgres://u:p@127.0.0.1:" + closed + ",127.0.0.1:" +
			open + "/blog", doctor.OK, "answers", ""},
		{
			"postgres by socket", "database", nil, "DATABASE_URL=postgres:///blog?host=" + filepath.Dir(socket),
			doctor.OK, socket + " answers", "",
		},
		{
			"postgres without host", "database", nil, "DATABASE_URL=postgres:///blog", doctor.Warning,
			"has no host", "postgres://",
		},
		{
			"postgres away", "database", nil, "DATABASE_URL=postgres://u:p@127.0.0.1:" + closed + "/blog", doctor.Failed,
			refused, "start it, or correct DATABASE_URL",
		},
		{"with docker", "database", put("docker-compose.yml",
			"services:\n  database:\n    ports: [\"127.0.0.1:5999:"+closed+"\"]\n"), "DATABASE_URL=postgres://127.0.0.1:" +
			closed + "/blog", doctor.Failed, refused, "docker compose up --detach --wait"},
		{
			"mysql away", "database", nil, "DATABASE_URL=mysql://u:p@127.0.0.1:" + closed + "/blog", doctor.Failed,
			refused, "correct DATABASE_URL",
		},
		{
			"no name", "database", nil, "DATABASE_URL=postgres://nowhere.invalid/blog", doctor.Failed, "nowhere.invalid:5432",
			"correct DATABASE_URL",
		},
		{
			"unknown database", "database", nil, "DATABASE_URL=oracle://127.0.0.1/blog", doctor.Failed, "is invalid",
			"write it like postgres://",
		},
		{"none", "database", nil, "DATABASE_URL=", doctor.Failed, "not set", "database.url in config/config.yaml"},
		{"memory", "database", nil, "DATABASE_URL=sqlite::memory:", doctor.OK, "memory", ""},
		{
			"no file", "database", nil, "DATABASE_URL=sqlite:storage/", doctor.Failed, "has no file",
			"sqlite:storage/blog.db",
		},
		{"folder", "database", nil, "DATABASE_URL=sqlite:app", doctor.Failed, "is a folder", "sqlite:storage/blog.db"},
		{"below a file", "database", nil, "DATABASE_URL=sqlite:go.mod/blog.db", doctor.Failed, "is a file", "another folder"},
		{"redis", "redis", nil, "REDIS_URL=redis://:p@127.0.0.1:" + open + "/0", doctor.OK, "answers", ""},
		{"redis by socket", "redis", nil, "REDIS_URL=unix://" + socket + "?db=0", doctor.OK, socket + " answers", ""},
		{"redis away", "redis", nil, "REDIS_URL=redis://127.0.0.1:" + closed, doctor.Failed, refused, "correct REDIS_URL"},
		{"smtp", "mail", nil, "SMTP_URL=smtp://127.0.0.1:" + open, doctor.OK, "answers", ""},
		{"smtp away", "mail", nil, "SMTP_URL=smtp://127.0.0.1:" + closed, doctor.Failed, refused, "correct SMTP_URL"},
		{"no smtp in production", "mail", nil, "APP_ENV=production", doctor.Failed, "production requires it", "set SMTP_URL"},
		{"files", "files", nil, "STORAGE_URL=file://" + t.TempDir(), doctor.OK, "is writable", ""},
		{"files below a file", "files", put("storage", ""), "", doctor.Failed, "is a file", "another folder"},
		{
			"files nowhere", "files", nil, "STORAGE_URL=file:///", doctor.Failed, "has no folder",
			"file:///var/lib/blog/files",
		},
		{"files elsewhere", "files", nil, "STORAGE_URL=s3://key:p@bucket", doctor.Warning, "not checked", "covet serve"},
		{"port free", "port", nil, "BIND=127.0.0.1 PORT=" + closed, doctor.OK, closed + " is free", ""},
		{
			"port taken", "port", nil, "BIND=127.0.0.1 PORT=" + open, doctor.Warning, "port " + open + " is in use",
			"covet serve --port ",
		},
		{"no such address", "port", nil, "BIND=192.0.2.1 PORT=8000", doctor.Failed, "192.0.2.1", "check BIND"},
	} {
		t.Run(b.name, b.test)
	}
}

// An attacker who sees the output of a build must not learn a password from it, however the URL is misspelt.
func TestNoPasswordIsShown(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	drop("app/views")(t, dir) // whose check takes longest and reads no URL
	for _, url := range []string{
		"postgres://user:hunter2@127.0.0.1:1/blog", "postgres://user:hun/ter2@127.0.0.1:1/blog",
		"postgres://user:ter2/x@127.0.0.1/blog",
		"postgres://user:1234567/ter2@127.0.0.1", "postgres://user:p@hunter2@127.0.0.1:1/blog",
		"postgres://user:hunter2#x@127.0.0.1/blog",
		"postgres://user:hunter2?x@127.0.0.1/blog", "postgres://user:hunter2%zz@127.0.0.1:1/blog",
		"postgres:user:hunter2@127.0.0.1",
		"mysql://user:hunter2@127.0.0.1:1/blog", "mysql://user:hunter2@tcp(127.0.0.1:1)/blog",
		"sqlite://user:hunter2@127.0.0.1/blog",
		"redis://:hunter2@127.0.0.1:1", "redis://:hunter2", "smtp://user:hunter2@127.0.0.1:1", "smtps:user:hunter2@127.0.0.1",
		"s3://key:hunter2@bucket", "file://user:hunter2@/files", "user:hunter2@127.0.0.1",
		"postgres:///blog?password=hunter2&host=127.0.0.1&port=1",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			findings := doctor.Examine(t.Context(), doctor.App{Root: dir, Name: "blog", Checkout: checkout(t), Environ: environ(
				"DATABASE_URL="+url, "REDIS_URL="+url, "SMTP_URL="+url, "STORAGE_URL="+url, "SECRET_KEY=hunter2",
			)})
			text, err := json.Marshal(findings)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"hunter2", "ter2", "1234567"} {
				if strings.Contains(string(text), secret) {
					t.Errorf("%q is shown: %s", secret, text)
				}
			}
		})
	}
}

// The file is a database already: it stays as it is.
func TestDatabaseFileStays(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	write(t, dir, "storage/blog.db", "rows")
	if got := inspect(t, dir, "database"); got.Status != doctor.OK {
		t.Errorf("%+v, want all well", got)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "storage"))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v (%v), want the database alone", entries, err)
	}
}
