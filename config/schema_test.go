package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/config"
)

func declare[T any](t *testing.T) error {
	t.Helper()
	_, err := config.Load[T](config.Options{Dir: t.TempDir(), Environ: []string{}})
	return err
}

type embedded struct{ Name string }

// What the programmer got wrong is found by the first start, whatever the environment.
type badValidate struct{ Name string }

func (badValidate) Validate(config.Faults) {}

func TestDeclarationFaults(t *testing.T) {
	t.Parallel()
	type section struct {
		Port string
		Host string
	}
	tests := map[string]struct {
		err  error
		want []string
	}{
		"kubernetes": {
			declare[struct {
				SMTP      section
				RedisHost string
				Host      string
				Port      int
				Transport string
			}](t),
			[]string{"smtp.port: Kubernetes", "smtp.host: Kubernetes", "redis_host: Kubernetes", "\nhost: Kubernetes"},
		},
		"secrets by name": {declare[struct {
			APIKey  string
			Token   string `secret:"false"`
			Hooks   struct{ Secret string }
			Monkeys string
		}](t), []string{"api_key: by its name it is a secret", "hooks.secret: by its name"}},
		"validate": {
			declare[struct{ Shop badValidate }](t),
			[]string{"shop: config_test.badValidate has a method Validate that is never called"},
		},
		"shell": {declare[struct{ Path, Home string }](t), []string{"path: every shell sets PATH", "home: every"}},
		"two fields": {declare[struct {
			A, B string `config:"x"`
		}](t), []string{"x: two fields have this key"}},
		"one variable": {declare[struct {
			AB string `config:"a_b"`
			A  struct{ B string }
		}](t), []string{"a.b: the environment variable A_B is that of a_b as well"}},
		"key spelling": {declare[struct {
			A string `config:"Big Key"`
		}](t), []string{"a key consists of lower-case letters"}},
		"no struct": {declare[int](t), []string{"int is not a struct"}},
		"channel":   {declare[struct{ C chan int }](t), []string{"c: a chan int cannot be read from text"}},
		"pointer":   {declare[struct{ *embedded }](t), []string{"has to be a struct without a config tag"}},
		"named embed": {declare[struct {
			embedded `config:"x"`
		}](t), []string{"has to be a struct without a config tag"}},
		"default": {declare[struct {
			N int `default:"many"`
		}](t), []string{`n: the default "many": expected a whole number`}},
		"default enum": {declare[struct {
			S string `default:"c" enum:"a,b"`
		}](t), []string{`expected one of a, b`}},
		"bound": {declare[struct {
			N int `min:"few"`
		}](t), []string{`n: the bound "few": expected a whole number`}},
		"bound of bool": {declare[struct {
			B bool `max:"true"`
		}](t), []string{"b: the bound \"true\": a bool has no order"}},
		"required": {declare[struct {
			S string `required:"yes"`
		}](t), []string{`required:"yes" is neither true nor one of`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var refused *config.Error
			if test.err == nil || errors.As(test.err, &refused) {
				t.Fatalf("got %v, want an error that is no *config.Error", test.err)
			}
			for _, want := range test.want {
				if !strings.Contains(test.err.Error(), want) {
					t.Errorf("got %v\nwant %q", test.err, want)
				}
			}
			if strings.Contains(test.err.Error(), "transport") {
				t.Errorf("got %v", test.err)
			}
		})
	}
}

func TestKeyNames(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load[struct {
		MaxOpenConns, URL, S3Bucket, HTTPTimeout, OpenAPI, A string
		BaseURL                                              string
		embedded
	}](config.Options{Dir: t.TempDir(), Environ: []string{"NAME=squashed"}})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, e := range loaded.Entries() {
		keys = append(keys, e.Key)
	}
	want := "a base_url http_timeout max_open_conns name open_api s3_bucket url"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if loaded.Value.Name != "squashed" {
		t.Errorf("got %q", loaded.Value.Name)
	}
}
