package doctor_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/doctor"
	"github.com/covetgo/covet/scaffold/generate"
)

// broken is an application with one thing wrong.
type broken struct {
	name    string
	check   string
	breakIt func(t *testing.T, dir string)
	environ string
	status  doctor.Status
	detail  string
	fix     string
}

func (b broken) test(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	if b.breakIt != nil {
		b.breakIt(t, dir)
	}
	got := inspect(t, dir, b.check, strings.Fields(b.environ)...)
	if got.Status != b.status || !strings.Contains(got.Detail, b.detail) || !strings.Contains(got.Fix, b.fix) ||
		(b.fix == "") != (got.Fix == "") {
		t.Errorf("%+v\nwant %s, a detail with %q and a fix with %q", got, b.status, b.detail, b.fix)
	}
}

// change returns a break that replaces a text in a file.
func change(name, before, after string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) { t.Helper(); replace(t, dir, name, before, after) }
}

// put returns a break that writes a file.
func put(name, content string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) { t.Helper(); write(t, dir, name, content) }
}

// drop returns a break that removes files and folders.
func drop(names ...string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		for _, name := range names {
			if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestBrokenTools(t *testing.T) {
	t.Parallel()
	for _, b := range []broken{
		{
			"old go", "go", change("go.mod", "go 1.26", "go 1.999"), "",
			doctor.Failed, "older than the go1.999", "https://go.dev/dl",
		},
		{
			"old go that fetches", "go", change("go.mod", "go 1.26", "go 1.999"), "GOTOOLCHAIN=auto", doctor.Warning,
			"will be downloaded", "https://go.dev/dl",
		},
		{
			"old toolchain", "go", change("go.mod", "go 1.26.0\n", "go 1.26.0\n\ntoolchain go1.999.0\n"), "", doctor.Warning,
			"toolchain go1.999.0", "https://go.dev/dl",
		},
		{"no go.mod", "go", put("go.mod", "nonsense"), "", doctor.Failed, "reading go.mod", "fix go.mod"},
		{
			"foreign workspace", "workspace", put("go.work", "go 1.26\n"), "", doctor.Warning,
			"does not list the application", "go work use .",
		},
		{"own workspace", "workspace", put("go.work", "go 1.26\n\nuse .\n"), "", doctor.OK, "no go.work", ""},
		{"workspace off", "workspace", put("go.work", "go 1.26\n"), "GOWORK=off", doctor.OK, "no go.work", ""},
		{"no git", "git", drop(".git"), "", doctor.Warning, "not under version control", "git init"},
		{"no git, .env", ".env", drop(".git"), "", doctor.OK, "not in a repository", ""},
		{
			".env tracked", ".env", func(t *testing.T, dir string) { t.Helper(); git(t, dir, "add", "--force", ".env") },
			"", doctor.Failed, "git tracks .env", "git rm --cached .env",
		},
		{
			".env not ignored", ".env", change(".gitignore", "/.env\n", ""), "", doctor.Warning, "does not ignore",
			"echo /.env >> .gitignore",
		},
		{"no key", "secret key", drop(".env"), "", doctor.Warning, "signed out", "openssl rand -base64 32"},
		{
			"no key in production", "secret key", nil, "APP_ENV=production", doctor.Failed, "production requires it",
			"openssl rand -base64 32",
		},
		{"weak key", "secret key", nil, "SECRET_KEY=changeme", doctor.Failed, "is weak", "openssl rand -base64 32"},
	} {
		t.Run(b.name, b.test)
	}
}

func TestBrokenSource(t *testing.T) {
	t.Parallel()
	for _, b := range []broken{
		{
			"checkout gone", "library", change("go.mod", "replace github.com/covetgo/covet => ",
				"replace github.com/covetgo/covet => /gone"), "", doctor.Failed, "not a checkout",
			"go mod edit -replace=github.com/covetgo/covet=",
		},
		{
			"released library", "library", change("go.mod", "replace github.com/covetgo/covet => ",
				"replace example.com/other => "), "", doctor.Warning, "the application uses v0.0.0",
			"go install github.com/covetgo/covet/cmd/covet@v0.0.0",
		},
		{
			"other templ", "templ", change("go.mod", "a-h/templ v0.3.", "a-h/templ v0.2."), "", doctor.Failed,
			"requires templ v0.2.", "go get github.com/a-h/templ@v0.3.",
		},
		{
			"other templ, views", "views", change("go.mod", "a-h/templ v0.3.", "a-h/templ v0.2."), "", doctor.Warning,
			"not checked", "go get github.com/a-h/templ@v0.3.",
		},
		{
			"stale view", "views", change("app/views/home.templ", "package views", "package views\n\n// A change."),
			"", doctor.Warning, "app/views/home.templ", "covet views",
		},
		{
			"no code of a view", "views", drop("app/views/home_templ.go"), "", doctor.Warning,
			"app/views/home.templ", "covet views",
		},
		{
			"broken view", "views", put("app/views/home.templ", "package views\n\ntempl Home() {\n\t<h1>\n}\n"),
			"", doctor.Failed, "app/views/home.templ", "covet views",
		},
		{
			"module missing", "modules", put("app/other.go", "package app\n\nimport _ \"example.com/other/thing\"\n"),
			"", doctor.Warning, "example.com/other/thing", "go mod tidy",
		},
		{
			"own module is provided", "modules", put("app/other.go", "package app\n\nimport _ \"blog/models\"\n"),
			"", doctor.OK, "", "",
		},
		{
			"no navigation", "places", drop("app/views/navigation.go"), "", doctor.Warning,
			"navigation", "in the list of app/views/navigation.go",
		},
		{
			"no routes", "places", change("app/routes.go", "a *covet.App", "_ *covet.App"), "", doctor.Warning,
			"routes", "func routes(a *covet.App) in the function routes of app/routes.go",
		},
		{
			"no policies", "places", change("app/accounts.go", "identity.NewPolicies()", "more()"), "", doctor.Warning,
			"policies", "p := identity.NewPolicies() in the function policies",
		},
		{
			"no admin", "places", change("app/admin.go", "p := admin.New(cfg, admin.Options{})", "var p *admin.Module"),
			"", doctor.Warning, "admin", "in the function panel of app/admin.go",
		},
		{
			"no seeds", "places", drop("app/seeds"), "", doctor.Warning,
			"seeds", "return []covet.Seed{…} in the list of app/seeds/seeds.go",
		},
		{"no commands", "places", drop("app/commands"), "", doctor.Warning, "commands", "return []command.Constructor{…}"},
		{
			"no modules", "places", change("app/app.go", "a.Use(", "use(a,"), "", doctor.Warning,
			"modules", "in the function New of app/app.go",
		},
		{
			"no jobs", "places", change("jobs/jobs.go", "client *covetjobs.Client", "client any"), "", doctor.Warning,
			"jobs", "in the function Register of jobs/jobs.go",
		},
	} {
		t.Run(b.name, b.test)
	}
}

const (
	secondMigration = "20260101000001_add_display_name_to_users.sql"
	up              = "-- +goose Up\n"
)

func TestBrokenMigrations(t *testing.T) {
	t.Parallel()
	const file = "migrations/sqlite/" + secondMigration
	for _, b := range []broken{
		{
			"missing file", "migrations", drop("migrations/postgres/" + secondMigration), "",
			doctor.Failed, "there is no migrations/postgres/" + secondMigration, "write migrations/postgres/" + secondMigration,
		},
		{
			"same version", "migrations", put("migrations/sqlite/20260101000001_other.sql", up), "", doctor.Failed,
			"have the same version", "rename",
		},
		{
			"no version", "migrations", put("migrations/sqlite/other.sql", up), "", doctor.Failed,
			"sqlite/other.sql does not start with a version", "rename",
		},
		{
			"no folder", "migrations", nil, "DATABASE_URL=mysql://root@127.0.0.1/blog", doctor.Failed,
			"no folder migrations/mysql", "mkdir migrations/mysql",
		},
		{"none at all", "migrations", drop("migrations/sqlite", "migrations/postgres"), "", doctor.OK, "none", ""},
		{
			"no Up", "migration files", put(file, "-- CREATE TABLE a (id INT);\n"), "", doctor.Failed,
			file + `: there is no line "-- +goose Up"`, "correct it",
		},
		{
			"statement first", "migration files", put(file, "DROP TABLE a;\n"+up), "", doctor.Failed,
			"line 1: a statement stands before", "correct it",
		},
		{"no semicolon", "migration files", put(file, up+"DROP TABLE a\n"), "", doctor.Failed, "semicolon", "correct it"},
		{
			"no semicolon before Down", "migration files", put(file, up+"DROP TABLE a -- why;\n-- +goose Down\n"),
			"", doctor.Failed, "line 3: the statement above", "correct it",
		},
		{
			"block open", "migration files", put(file, up+"-- +goose StatementBegin\nSELECT 1;\n"), "", doctor.Failed,
			"StatementEnd", "correct it",
		},
		{
			"block never begun", "migration files", put(file, up+"-- +goose StatementEnd\n"), "", doctor.Failed,
			"no StatementBegin", "correct it",
		},
		{
			"unknown annotation", "migration files", put(file, up+"-- +goose Sideways\n"),
			"", doctor.Failed, `"Sideways"`, "correct it",
		},
		{
			"indented annotation", "migration files", put(file, up+" -- +goose Down\n"), "",
			doctor.Failed, "start its line", "correct it",
		},
		{"Down first", "migration files", put(file, "-- +goose Down\n"), "", doctor.Failed, "line 1:", "correct it"},
		{"Up twice", "migration files", put(file, up+up), "", doctor.Failed, "twice", "correct it"},
		{
			"a block with semicolons", "migration files",
			put(file, "-- +goose NO TRANSACTION\n"+up+"-- +goose StatementBegin\nSELECT 1;\nSELECT 2\n"+
				"-- +goose StatementEnd\n\n-- +goose Down\nSELECT\n  -- one;\n  1; -- two\n"), "", doctor.OK, "", "",
		},
	} {
		t.Run(b.name, b.test)
	}
}

func TestBrokenConfiguration(t *testing.T) {
	t.Parallel()
	for _, b := range []broken{
		{"not built", "configuration", nil, "", doctor.Warning, "must be built", "covet config"},
		{"built before a change", "configuration", func(t *testing.T, dir string) {
			t.Helper()
			built(t, dir, "exit 0")
			later := time.Now().Add(2 * time.Hour)
			if err := os.Chtimes(filepath.Join(dir, "app", "app.go"), later, later); err != nil {
				t.Fatal(err)
			}
		}, "", doctor.Warning, "must be built", "covet config"},
		{"refused by the application", "configuration", func(t *testing.T, dir string) {
			t.Helper()
			built(t, dir, "printf 'blog: invalid configuration: contact.to: it is no e-mail address.\\n\\033[2J' >&2; exit 3")
		}, "", doctor.Failed, "invalid configuration: contact.to: it is no e-mail address. [2J", "covet config"},
		{
			"silent", "configuration", func(t *testing.T, dir string) { t.Helper(); built(t, dir, "exit 1") },
			"", doctor.Failed, "exit status 1", "covet config",
		},
		{"no number", "configuration", nil, "PORT=many", doctor.Failed, `port = "many"`, "covet config"},
		{
			"no YAML", "configuration", put("config/config.yaml", "app:\n\tname: x\n"), "",
			doctor.Failed, "config/config.yaml:2", "covet config",
		},
		{
			"no YAML, database", "database", put("config/config.yaml", "app:\n\tname: x\n"), "", doctor.Warning,
			"not checked", "covet config",
		},
		{"another environment", "configuration", nil, "APP_ENV=staging", doctor.Failed, "app.env", "covet config"},
	} {
		t.Run(b.name, b.test)
	}
}

// A binary that came with the repository is not run: its author would run what they like.
func TestForeignBinary(t *testing.T) {
	t.Parallel()
	move := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			place, target := filepath.Join(dir, filepath.FromSlash(name)), filepath.Join(t.TempDir(), "target")
			if err := os.Rename(place, target); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, place); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, arrange := range map[string]func(t *testing.T, dir string){
		"tracked": func(t *testing.T, dir string) {
			t.Helper()
			for _, args := range [][]string{{"init", "-q"}, {"add", "--force", ".covet/bin/blog"}} {
				cmd := exec.CommandContext(t.Context(), "git", args...)
				cmd.Dir = dir
				if text, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("git %v: %v\n%s", args, err, text)
				}
			}
		},
		"a link": move(".covet/bin/blog"), "in a linked folder": move(".covet/bin"), "below a linked folder": move(".covet"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := scaffolded(t)
			ran := filepath.Join(t.TempDir(), "ran")
			built(t, dir, "touch "+ran)
			arrange(t, dir)
			got := byName(doctor.Examine(t.Context(), doctor.App{
				Root:     dir,
				Name:     "blog",
				Environ:  environ(),
				Checkout: checkout(t),
			}))["configuration"]
			if got.Status != doctor.Warning || !strings.Contains(got.Detail, "not checked") {
				t.Errorf("%+v, want a warning", got)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("it was run")
			}
		})
	}
}

// A binary that hangs costs no more than the deadline.
func TestHangingApplication(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	built(t, dir, "exec sleep 60")
	started := time.Now()
	findings := byName(doctor.Examine(t.Context(), doctor.App{
		Root: dir, Name: "blog", Environ: environ(), Checkout: checkout(t), Timeout: time.Second,
	}))
	if got := findings["configuration"]; got.Status != doctor.Warning || !strings.Contains(got.Detail, "timed out") {
		t.Errorf("%+v, want a warning", got)
	}
	if elapsed := time.Since(started); elapsed > 20*time.Second {
		t.Errorf("it took %v", elapsed)
	}
}

func TestVersionsOfTheLibrary(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, uses, covet string
		status            doctor.Status
		fix               string
	}{
		{"same", "v0.2.0", "v0.2.0", doctor.OK, ""},
		{"older application", "v0.1.0", "v0.2.0", doctor.Warning, "go get github.com/covetgo/covet@v0.2.0"},
		{"older command", "v0.3.0", "v0.2.0", doctor.Warning, "go install github.com/covetgo/covet/cmd/covet@v0.3.0"},
		{"unknown command", "v0.3.0", "", doctor.Warning, "go install github.com/covetgo/covet/cmd/covet@v0.3.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, "go.mod", "module blog\n\ngo 1.26\n\nrequire github.com/covetgo/covet "+tt.uses+"\n")
			got := doctor.Check(t.Context(), doctor.App{Root: dir, Name: "blog", Environ: environ(), Version: tt.covet}, "library")
			if got.Status != tt.status || got.Fix != tt.fix {
				t.Errorf("%+v, want %s and %q", got, tt.status, tt.fix)
			}
		})
	}
	dir := scaffolded(t)
	got := doctor.Check(t.Context(), doctor.App{Root: dir, Name: "blog", Environ: environ(), Checkout: t.TempDir()}, "library")
	if got.Status != doctor.Warning || !strings.HasPrefix(got.Fix, "make -C ") {
		t.Errorf("another checkout: %+v, want a warning", got)
	}
}

func TestGeneratedCodeIsConnected(t *testing.T) {
	t.Parallel()
	dir := scaffolded(t)
	project, err := generate.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	kind, err := generate.Find("resource")
	if err != nil {
		t.Fatal(err)
	}
	made, err := project.Generate(kind, "post", []string{"title:string!"}, generate.Flags{})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Write(true); err != nil {
		t.Fatal(err)
	}
	if got := inspect(t, dir, "generated"); got.Status != doctor.OK {
		t.Fatalf("%+v, want all well", got)
	}
	replace(t, dir, "app/routes.go", "posts.Routes(a)", "")
	got := inspect(t, dir, "generated")
	if got.Status != doctor.Warning || !strings.Contains(got.Detail, "posts.Routes(…) of resource post") ||
		!strings.Contains(got.Fix, "posts.Routes(…) in the function routes of app/routes.go") ||
		!strings.Contains(got.Fix, "covet destroy resource post") {
		t.Errorf("%+v, want a warning about the routes", got)
	}
	write(t, dir, ".covet/generated/resource-post.json", "{")
	if got := inspect(t, dir, "generated"); got.Status != doctor.Failed || !strings.Contains(got.Fix, "git checkout") {
		t.Errorf("%+v, want a failure", got)
	}
}
