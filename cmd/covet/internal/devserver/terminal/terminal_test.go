package terminal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/terminal"
)

func TestPlainLines(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := terminal.New(terminal.Config{Out: &out, URL: "http://localhost:8000"})
	s.Changed([]string{"a.go"})
	s.Changed([]string{"a.go"})
	s.Changed([]string{"a.go", "b.go", "c.go", "d.go", "e.go"})
	s.Built(1234 * time.Millisecond)
	s.Ready(time.Second)
	s.Notice("something else")
	_, _ = s.Write([]byte("the application\n"))
	s.Notice("something else")
	s.Clear()
	want := `  changed  a.go
  changed  a.go, b.go, c.go and 2 more
  built    1.2 s
  ready    http://localhost:8000
  note     something else
the application
  note     something else
  keys     Ctrl-C stops
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	many := proxy.Fault{Kind: proxy.Build, Took: 340 * time.Millisecond, Hint: "Run it."}
	for range 12 {
		many.Problems = append(many.Problems, proxy.Problem{File: "app/a.go", Line: 3, Column: 4, Message: "have\nwant"})
	}
	for name, c := range map[string]struct {
		fault proxy.Fault
		want  string
	}{
		"compiler": {many, "  failed   it does not compile (340 ms)\n" +
			strings.Repeat("  app/a.go:3:4: have\n      want\n", 10) + "  … and 2 more\n  Run it.\n"},
		"no place": {
			proxy.Fault{Kind: proxy.Build, Output: "link: no space\n"},
			"  failed   it does not compile\nlink: no space\n",
		},
		"template": {
			proxy.Fault{Kind: proxy.View, Problems: []proxy.Problem{{File: "a.templ", Message: "no end"}}},
			"  failed   a template has a mistake\n  a.templ: no end\n",
		},
		"exit": {
			proxy.Fault{Kind: proxy.Exit, Output: "shown already", Detail: "It ended."},
			"  failed   it has ended\n  It ended.\n",
		},
		"title": {proxy.Fault{Kind: proxy.Start, Title: "It takes long"}, "  failed   It takes long\n"},
		"pending": {
			proxy.Fault{Kind: proxy.Pending, Migrations: []proxy.Migration{{Source: "app", Version: 1, Name: "posts"}}},
			"  failed   migrations are pending\n  app 1 posts\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			terminal.New(terminal.Config{Out: &out}).Fault(c.fault)
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		clearable bool
		want      string
	}{
		"plain": {false, "  building 1 s, the first build takes longer\n  building 2 s, the first build takes longer\n" +
			"  built    2.0 s\n  starting 1 s\nthe application\n"},
		"terminal": {true, "  building 1 s, the first build takes longer\r\x1b[2K  building 2 s, the first build takes longer" +
			"\r\x1b[2K  built    2.0 s\n  starting 1 s\r\x1b[2Kthe application\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			s := terminal.New(terminal.Config{Out: &out, Clearable: c.clearable})
			s.Building(true, time.Second)
			s.Building(true, 2*time.Second)
			s.Built(2 * time.Second)
			s.Starting(time.Second)
			_, _ = s.Write([]byte("the application\n"))
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestColours(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := terminal.New(terminal.Config{Out: &out, Color: true, Keys: true, Clearable: true})
	s.Changed([]string{"a.go"})
	s.Clear()
	if got := out.String(); !strings.Contains(got, "\x1b[36mchanged \x1b[0m a.go\n") ||
		!strings.Contains(got, "\x1b[2J") || !strings.Contains(got, "r rebuild") {
		t.Errorf("got %q", got)
	}
}
