package config_test

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/config"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	yaml := func(text string) map[string]string { return map[string]string{"config/config.yaml": text} }
	tests := []struct {
		name    string
		files   map[string]string
		environ []string
		want    []config.Fault
	}{
		{
			"unknown key", yaml("port: 1\ndatabase:\n  max_open_con: 3\n"), nil,
			[]config.Fault{{
				Key: "database.max_open_con", Source: "config/config.yaml:3", Problem: "is not a key of this configuration",
				Hint: "Did you mean database.max_open_conns?",
			}},
		},
		{
			"unknown section", yaml("nonsense:\n  a: 1\n"), nil,
			[]config.Fault{{
				Key: "nonsense", Source: "config/config.yaml:1", Problem: "is not a key of this configuration",
				Hint: "The keys here are app, database, log, other_name, port, ratio, secret_key, trusted_proxies, uploads, " +
					"verbose.",
			}},
		},
		{
			"key in the wrong place", yaml("database_url: sqlite:x\nmax_size: 1\n"), nil,
			[]config.Fault{
				{
					Key: "database_url", Source: "config/config.yaml:1", Problem: "is not a key of this configuration",
					Hint: "Did you mean database.url? Nested keys are written below the name of their section.",
				},
				{
					Key: "max_size", Source: "config/config.yaml:2", Problem: "is not a key of this configuration",
					Hint: "Did you mean uploads.max_size? Nested keys are written below the name of their section.",
				},
			},
		},
		{
			"dotted key", yaml("database.url: sqlite:x\n"), nil,
			[]config.Fault{{
				Key: "database.url", Source: "config/config.yaml:1", Problem: "is not a key of this configuration",
				Hint: "Did you mean database.url? Nested keys are written below the name of their section.",
			}},
		},
		{
			"duplicate key", yaml("port: 1\nratio: 1\nport: 2\n"), nil,
			[]config.Fault{{
				Key: "port", Source: "config/config.yaml:3", Problem: "is set in line 1 already",
				Hint: "Remove one of the two lines.",
			}},
		},
		{
			"wrong types", yaml("port: many\ndatabase:\n  url: {a: 1}\n  max_open_conns: [1, 2]\nverbose: perhaps\n" +
				"uploads:\n  types: {a: b}\n  labels: [a]\n  max_size: 3 apples\n  retries: [1s, soon]\nratio: .inf\n"), nil,
			[]config.Fault{
				{
					Key: "database.max_open_conns", Source: "config/config.yaml:4", Value: "1,2",
					Problem: "expected a whole number such as 25, not a list",
				},
				{Key: "database.url", Source: "config/config.yaml:3", Value: "a=1", Problem: "expected a text, not a section"},
				{Key: "port", Source: "config/config.yaml:1", Value: "many", Problem: "expected a whole number such as 25"},
				{Key: "ratio", Source: "config/config.yaml:11", Value: ".inf", Problem: "expected a number such as 0.5"},
				{
					Key: "uploads.labels", Source: "config/config.yaml:8", Value: "a",
					Problem: "expected pairs such as name=value, not a list",
				},
				{
					Key: "uploads.max_size", Source: "config/config.yaml:9",
					Value: "3 apples", Problem: "expected a size such as 10MB or 512KiB",
				},
				{
					Key: "uploads.retries", Source: "config/config.yaml:10", Value: "1s,soon",
					Problem: "item 2: expected a duration such as 30s, 15m, 12h or 7d",
				},
				{
					Key: "uploads.types", Source: "config/config.yaml:7", Value: "a=b",
					Problem: "expected a list of values such as one,two, not a section",
				},
				{Key: "verbose", Source: "config/config.yaml:5", Value: "perhaps", Problem: "expected true or false"},
			},
		},
		{
			"every layer is checked", yaml("port: many\n"),
			[]string{"PORT=8000"},
			[]config.Fault{{
				Key: "port", Source: "config/config.yaml:1",
				Value: "many", Problem: "expected a whole number such as 25",
			}},
		},
		{
			"bounds and enum", nil,
			[]string{"PORT=70000", "LOG_FORMAT=xml", "SECRET_KEY=short", "DATABASE_MAX_OPEN_CONNS=99999999999999999999"},
			[]config.Fault{
				{
					Key: "database.max_open_conns", Source: "environment DATABASE_MAX_OPEN_CONNS", Value: "99999999999999999999",
					Problem: "expected a whole number such as 25; this one is out of range",
				},
				{Key: "log.format", Source: "environment LOG_FORMAT", Value: "xml", Problem: "expected one of text, json"},
				{Key: "port", Source: "environment PORT", Value: "70000", Problem: "expected at most 65535"},
				{
					Key: "secret_key", Source: "environment SECRET_KEY", Value: "[hidden]",
					Problem: "expected a length of at least 32",
				},
			},
		},
		{
			"required in production", nil,
			[]string{"APP_ENV=production"},
			[]config.Fault{{
				Key: "secret_key", Problem: "is required in production",
				Hint: "Set SECRET_KEY in the environment.",
			}},
		},
		{
			"unknown environment", nil,
			[]string{"APP_ENV=prod"},
			[]config.Fault{{
				Key: "app.env", Source: "environment APP_ENV", Value: "prod",
				Problem: "expected one of development, test, production", Hint: "Did you mean production?",
			}},
		},
		{
			"environment in files",
			map[string]string{"config/config.yaml": "app: {env: production}\n", ".env": "\nAPP_ENV=production\n"},
			nil,
			[]config.Fault{
				{
					Key: "app.env", Source: ".env:2", Value: "production",
					Problem: ".env cannot choose the environment, because it is read in development only",
					Hint:    "Set APP_ENV in the real environment.",
				},
				{
					Key: "app.env", Source: "config/config.yaml:1",
					Problem: "cannot be set in a file, because it decides which files are read",
					Hint:    "Set APP_ENV in the environment.",
				},
			},
		},
		{
			"tab", yaml("database:\n\turl: x\n"), nil,
			[]config.Fault{{
				Source: "config/config.yaml:2", Problem: "invalid YAML: the line is indented with a tab",
				Hint: "Indent with spaces.",
			}},
		},
		{
			"invalid YAML", yaml("port: 1\nratio: [1\nlog:\n"), nil,
			[]config.Fault{{Source: "config/config.yaml:2", Problem: "invalid YAML: did not find expected ',' or ']'"}},
		},
		{
			"invalid key", yaml("port: 1\nlog: x: y\n"), nil,
			[]config.Fault{{
				Source:  "config/config.yaml:2",
				Problem: "invalid YAML: mapping values are not allowed in this context",
			}},
		},
		{
			"wrong indentation", yaml("log:\n  format: text\n level: info\n"), nil,
			[]config.Fault{{Source: "config/config.yaml:3", Problem: "invalid YAML: did not find expected key"}},
		},
		{
			"no mapping", yaml("- a\n"), nil,
			[]config.Fault{{
				Source: "config/config.yaml:1", Problem: "expected a section, not a list",
				Hint: "Its keys are app, database, log, other_name, port, ratio, secret_key, trusted_proxies, uploads, verbose.",
			}},
		},
		{
			"value for a section", yaml("database: sqlite:x\n"), nil,
			[]config.Fault{{
				Key: "database", Source: "config/config.yaml:1", Problem: "expected a section, not a single value",
				Hint: "Its keys are conn_max_lifetime, max_open_conns, url.",
			}},
		},
		{
			"second document and merge key", yaml("database: &d\n  url: x\nlog:\n  <<: *d\n---\nport: 1\n"), nil,
			[]config.Fault{
				{
					Source: "config/config.yaml:5", Problem: "a second YAML document starts here, which is never read",
					Hint: "Remove the line ---.",
				},
				{
					Key: "log", Source: "config/config.yaml:4", Problem: "merge keys (<<) are not supported",
					Hint: "Write the keys out.",
				},
			},
		},
		{
			"misnamed files",
			map[string]string{
				"config/config.yml": "", "config/config.prod.yaml": "", "config/config.example.yaml": "",
				"config/other.yaml": "",
			},
			nil,
			[]config.Fault{
				{Source: "config/config.prod.yaml", Problem: "is never read", Hint: "Rename it to config.production.yaml."},
				{Source: "config/config.yml", Problem: "is never read", Hint: "Rename it to config.yaml."},
			},
		},
		{
			"dotenv",
			map[string]string{".env": "PROT=1\nport=2\nnonsense\nX=\"open\nSECRET_KEYS=abc\nPORT=1\nPORT=2\n"},
			nil,
			[]config.Fault{
				{Source: ".env:1", Problem: "PROT is not a variable of this configuration", Hint: "Did you mean PORT?"},
				{Source: ".env:2", Problem: "port is not a variable of this configuration", Hint: "Did you mean PORT?"},
				{Source: ".env:3", Problem: "expected a line such as NAME=value"},
				{Source: ".env:4", Problem: "the closing quote is missing"},
				{
					Source: ".env:5", Problem: "SECRET_KEYS is not a variable of this configuration",
					Hint: "Did you mean SECRET_KEY?",
				},
				{Source: ".env:7", Problem: "PORT is set in line 6 already"},
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, faults(t, test.files, test.environ...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{".env", "config/config.yaml"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, err := config.Load[Config](config.Options{Dir: dir, Environ: []string{}})
	want := "invalid configuration, 2 faults:\n" +
		"  - .env: cannot be read: is a directory. Make it a file that this user may read, or remove it.\n" +
		"  - config/config.yaml: cannot be read: is a directory. Make it a file that this user may read, or remove it."
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	_, err := config.Load[Config](config.Options{Dir: t.TempDir(), Environ: []string{"PORT=many"}})
	want := `invalid configuration: port = "many" (environment PORT): expected a whole number such as 25.`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Mail has rules that tags cannot express, in every form that Load knows.
type Mail struct {
	URL  string
	From string `secret:"true"`
	Pool Pool
}

func (m *Mail) Validate(f *config.Faults) {
	if _, err := url.Parse(m.URL); err != nil {
		f.Add("url", "Set it to something other than "+m.URL+".", "%v", err)
	}
	if m.From != "" {
		f.Add("from", "", "%s is no address, from %s in %s", m.From, f.Source("from"), f.Env())
	}
	if f.Production() {
		f.Add("", "Set it.", "is incomplete")
		f.Add("pool.size", "", "is too small")
	}
}

// Pool does not know the package config.
type Pool struct {
	Size int `default:"1"`
}

// Validate implements the plain form.
func (p Pool) Validate() error {
	if p.Size == 3 {
		return errors.Join(errors.New("size: three is unlucky"), fmt.Errorf("size: really: %w", errors.ErrUnsupported))
	}
	return nil
}

// Embedded lends its method to the struct that embeds it.
type Embedded struct{ Name string }

// Validate refuses every name.
func (e Embedded) Validate(f *config.Faults) {
	if e.Name != "" {
		f.Add("name", "", "is refused")
	}
}

type withRules struct {
	Embedded
	Mail Mail
}

func TestValidator(t *testing.T) {
	t.Parallel()
	environ := []string{
		"NAME=x", "MAIL_URL=smtp://me:hunter%2@host", "MAIL_FROM=topsecret",
		"APP_ENV=production", "MAIL_POOL_SIZE=3",
	}
	_, err := config.Load[withRules](config.Options{Dir: t.TempDir(), Environ: environ})
	var refused *config.Error
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	want := []config.Fault{
		{Key: "mail", Problem: "is incomplete", Hint: "Set it."},
		{
			Key: "mail.from", Source: "environment MAIL_FROM", Value: "[hidden]",
			Problem: "[hidden] is no address, from environment MAIL_FROM in production",
		},
		{Key: "mail.pool", Problem: "size: really: unsupported operation"},
		{Key: "mail.pool", Problem: "size: three is unlucky"},
		{Key: "mail.pool.size", Source: "environment MAIL_POOL_SIZE", Value: "3", Problem: "is too small"},
		{
			Key: "mail.url", Source: "environment MAIL_URL", Value: "smtp://[hidden]@host",
			Problem: `parse "smtp://[hidden]@host": invalid URL escape "%2"`,
			Hint:    "Set it to something other than smtp://[hidden]@host.",
		},
		{Key: "name", Source: "environment NAME", Value: "x", Problem: "is refused"},
	}
	if diff := cmp.Diff(want, refused.Faults); diff != "" {
		t.Error(diff)
	}
}

func TestValidatorIsSilentAboutUnreadableValues(t *testing.T) {
	t.Parallel()
	environ := []string{"MAIL_POOL_SIZE=many", "APP_ENV=production"}
	_, err := config.Load[withRules](config.Options{Dir: t.TempDir(), Environ: environ})
	if err == nil || strings.Contains(err.Error(), "too small") ||
		!strings.Contains(err.Error(), "expected a whole number") {
		t.Errorf("got %v", err)
	}
}

// The threat: an error text with a password ends in a log or a screenshot.
func TestFaultsHideCredentials(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"postgres://app:hunter2@db/blog", "postgres://app:hun/ter2@db/blog", "postgres://app:12hunter2@db:x/blog",
		"redis://hunter2@db", "https://hunter2@example.com/x", "app:hunter2@tcp(db)/blog", "host=db password=hunter2",
		"db?password=hunter2", "sqlite:x?_auth_token='hunter2'", "mysql://app:hunter2#x@db/blog", "a://b:p@c,d://e:hunter2@f",
	} {
		// 80 open connections make a fault that shows the value; the port shows it in another key's text.
		_, err := config.Load[struct {
			Address string `max:"1"`
			Number  int
		}](config.Options{Dir: t.TempDir(), Environ: []string{"ADDRESS=" + value, "NUMBER=" + value}})
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("%s: got %v", value, err)
		}
	}
}
