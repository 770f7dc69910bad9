package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/exit"
	covetconfig "github.com/covetgo/covet/config"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/config"
)

// command runs a command of the module in an application of its own, on a database.
func command(t *testing.T, database, stdin string, args ...string) (string, error) {
	t.Helper()
	loaded, err := covetconfig.Load[config.Config](covetconfig.Options{
		Dir: "../../scaffold/skeleton", Environ: []string{"APP_ENV=test"},
		Flags: map[string]string{"database.url": database, "app.data_dir": t.TempDir(), "log.level": "error"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(loaded.Value)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(t.Context()); err != nil && !strings.Contains(err.Error(), "context canceled") {
			t.Error(err)
		}
	})
	root := &cobra.Command{Use: "blog", SilenceErrors: true, SilenceUsage: true}
	for _, module := range a.Modules() {
		if m, ok := module.(*auth.Module); ok {
			root.AddCommand(m.Commands(a)...)
		}
	}
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetIn(strings.NewReader(stdin))
	root.SetArgs(args)
	err = root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestUserCommands(t *testing.T) {
	t.Parallel()
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := url(t)
			a := apptest.New(t, app.New, apptest.Set("database.url", database), apptest.Set("auth.session_cache", "0s"))
			run := func(args ...string) string {
				t.Helper()
				out, err := command(t, database, "", args...)
				if err != nil {
					t.Fatalf("%v: %v", args, err)
				}
				return out
			}
			created := run("user", "create", "Ada@Example.com", "--role", "admin")
			match := regexp.MustCompile(`^E-mail:   ada@example\.com\nPassword: (\S+)\n$`).FindStringSubmatch(created)
			if match == nil {
				t.Fatalf("it prints %q", created)
			}
			browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", match[1]).must(http.StatusSeeOther).cookie("session"))
			browser.get("/account").must(http.StatusOK)

			var list []struct {
				Email string
				Roles []string
			}
			if err := json.Unmarshal([]byte(run("user", "list", "--json")), &list); err != nil {
				t.Fatal(err)
			}
			if len(list) != 1 || list[0].Email != "ada@example.com" || len(list[0].Roles) != 1 || list[0].Roles[0] != "admin" {
				t.Errorf("the list is %+v", list)
			}
			for _, verb := range []string{"demote", "disable"} { // the last who may do everything
				var coded *exit.Error
				if _, err := command(t, database, "", "user", verb, "ada@example.com"); !errors.As(err, &coded) || coded.Code != exit.Refused {
					t.Errorf("user %s: %v", verb, err)
				}
			}
			browser.get("/account").must(http.StatusOK)
			run("user", "create", "root@example.com", "--role", "admin")
			run("user", "demote", "ada@example.com")
			if table := run("user", "list"); !regexp.MustCompile(`ada@example\.com +- +active`).MatchString(table) {
				t.Errorf("the table is\n%s", table)
			}
			run("user", "promote", "ada@example.com")
			run("user", "promote", "ada@example.com") // again: nothing changes
			run("user", "disable", "ada@example.com")
			browser.get("/account").must(http.StatusSeeOther)
			bareOf(t, a).logIn("ada@example.com", match[1]).must(http.StatusUnprocessableEntity)
			run("user", "enable", "ada@example.com")
			link := strings.TrimSpace(run("user", "reset-link", "ada@example.com"))
			bareOf(t, a).get(link[strings.Index(link, "/password/"):]).must(http.StatusOK)
			if n := count(t, a, &covetmodels.AuditEntry{}, "actor_name = ? AND action LIKE ?", "command line", "users.%"); n != 10 {
				t.Errorf("the audit log has %d entries of the command line", n)
			}
			if strings.Contains(created, "argon2") {
				t.Error("the hash is printed")
			}
		})
	}
}

func TestUserCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "test.db")
	out, err := command(t, database, "", "user", "list")
	var coded *exit.Error
	if !errors.As(err, &coded) || !strings.Contains(coded.Hint, "migrate up") {
		t.Errorf("without tables: %q, %v", out, err)
	}
	a := apptest.New(t, app.New, apptest.Set("database.url", database))
	account(t, a, "ada@example.com")
	for _, tt := range []struct {
		args  []string
		stdin string
		code  int
	}{
		{[]string{"user", "create"}, "", exit.Usage},
		{[]string{"user", "create", "nobody"}, "", exit.Usage},
		{[]string{"user", "create", "ada@example.com"}, "", exit.Refused},
		{[]string{"user", "create", "bob@example.com", "--password-stdin"}, "short\n", exit.Usage},
		{[]string{"user", "create", "bob@example.com", "--role", "king"}, "", exit.Usage},
		{[]string{"user", "disable", "bob@example.com"}, "", exit.Failure},
		{[]string{"user", "list", "x"}, "", exit.Usage},
	} {
		_, err := command(t, database, tt.stdin, tt.args...)
		if !errors.As(err, &coded) || coded.Code != tt.code {
			t.Errorf("%v: %v, want code %d", tt.args, err, tt.code)
		}
	}
	if n := count(t, a, &covetmodels.User{}); n != 1 {
		t.Errorf("%d users, want 1", n)
	}
	if out, err := command(t, database, password+"\n", "user", "create", "bob@example.com", "--password-stdin"); err != nil || strings.Contains(out, password) {
		t.Errorf("%q, %v", out, err)
	}
	bareOf(t, a).logIn("bob@example.com", password).must(http.StatusSeeOther)
}
