package text_test

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/internal/texttest"
	"github.com/covetgo/covet/models"
)

const english = `
title: Sessions
count:
  "=0": You are signed out.
  one: You are signed in on {n} device.
  other: You are signed in on {n} devices.
seen: Last seen {at, relative}
errors:
  taken: "{email} is taken."
braces: "{{name}} is {name}"
people: "Shared with {names, list}"
`

const german = `
title: Sitzungen
count:
  one: Du bist auf {n} Gerät angemeldet.
  other: Du bist auf {n} Geräten angemeldet.
errors:
  taken: "{email} ist vergeben."
`

// sessions is a set of texts in English and German.
func sessions(t *testing.T) *text.Set {
	t.Helper()
	s, err := text.Load("sessions", fstest.MapFS{
		"texts/en.yaml": {Data: []byte(english)}, "texts/de.yaml": {Data: []byte(german)},
		"texts/README.md": {Data: []byte("not a text")},
	}, "texts")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func in(t *testing.T, lang string, own *text.Set, sets ...*text.Set) context.Context {
	t.Helper()
	c, err := text.NewCatalogue(text.Config{Languages: []string{"en", lang}}, own, append(sets, text.Formats())...)
	if err != nil {
		t.Fatal(err)
	}
	locale, known := c.Locale(lang)
	if !known {
		t.Fatalf("the catalogue has no %s, only %v", lang, c.Languages())
	}
	return text.WithLocale(t.Context(), locale)
}

func TestTexts(t *testing.T) {
	t.Parallel()
	s := sessions(t)
	english, german := t.Context(), in(t, "de", nil, s)
	for _, tt := range []struct {
		ctx  context.Context
		key  string
		args []any
		want string
	}{
		{english, "title", nil, "Sessions"},
		{german, "title", nil, "Sitzungen"},
		{english, "count", []any{"n", 0}, "You are signed out."},
		{english, "count", []any{"n", 1}, "You are signed in on 1 device."},
		{english, "count", []any{"n", 12345}, "You are signed in on 12,345 devices."},
		{german, "count", []any{"n", 0}, "Du bist auf 0 Geräten angemeldet."},
		{german, "count", []any{"n", int64(1)}, "Du bist auf 1 Gerät angemeldet."},
		{german, "count", []any{"n", 12345}, "Du bist auf 12.345 Geräten angemeldet."},
		{german, "errors.taken", []any{"email", "a@b.de"}, "a@b.de ist vergeben."},
		{german, "braces", []any{"name", "Ada"}, "{name} is Ada"}, // falls back to English
		{english, "people", []any{"names", []string{"Ada", "Bob", "Eve"}}, "Shared with Ada, Bob and Eve"},
		{german, "people", []any{"names", []string{"Ada", "Bob"}}, "Shared with Ada und Bob"},
		{english, "seen", []any{"at", time.Now().Add(-3 * time.Minute)}, "Last seen 3 minutes ago"},
		{english, "errors.taken", nil, " is taken."},
		{english, "unknown", nil, ""},
	} {
		if got := s.T(tt.ctx, tt.key, tt.args...); got != tt.want {
			t.Errorf("%s in %s is %q, want %q", tt.key, text.LocaleOf(tt.ctx).Language(), got, tt.want)
		}
	}
	if got, want := s.Missing("de-AT"), []string{"braces", "people", "seen"}; !slices.Equal(got, want) {
		t.Errorf("German lacks %v, want %v", got, want)
	}
}

// Polish and Arabic have more plural forms than English.
func TestPluralForms(t *testing.T) {
	t.Parallel()
	forms := map[string]map[string][]int{
		"en": {"one": {1}, "other": {0, 2, 11, 21, 100, 1_000_001}},
		"de": {"one": {1}, "other": {0, 2, 21, 1_000_000}},
		"pl": {"one": {1}, "few": {2, 3, 4, 22, 1002, 10_000_002}, "many": {0, 5, 11, 12, 14, 21, 112, 1_000_000}},
		"ar": {
			"zero": {0}, "one": {1}, "two": {2}, "few": {3, 10, 103, 20_000_003}, "many": {11, 99, 111},
			"other": {100, 101, 102, 1_000_000},
		},
		"fr": {"one": {0, 1}, "other": {2, 17}},
	}
	all := map[string][]string{
		"en": {"one", "other"}, "de": {"one", "other"}, "pl": {"one", "few", "many", "other"},
		"ar": {"zero", "one", "two", "few", "many", "other"}, "fr": {"one", "other"},
	}
	for lang, numbers := range forms {
		var file strings.Builder
		file.WriteString("posts:\n")
		for _, form := range all[lang] {
			fmt.Fprintf(&file, "  %s: %s {n}\n", form, form)
		}
		s := texttest.Own(t, map[string]string{lang + ".yaml": file.String()})
		ctx := in(t, lang, s)
		for form, examples := range numbers {
			for _, n := range examples {
				if got := s.T(ctx, "posts", "n", n); !strings.HasPrefix(got, form+" ") {
					t.Errorf("%s: %d has the form %q, want %q", lang, n, got, form)
				}
			}
		}
	}
}

func TestFaultsOfFiles(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"title: [a]":            "en.yaml:1: title: expected a text",
		"title:":                "title: expected a text",
		"Title: a":              `invalid key "Title"`,
		"a: x\na: y":            "a occurs twice",
		"a: \"{name\"":          "unbalanced brace",
		"a: \"name}\"":          "unbalanced brace",
		"a: \"{Name}\"":         "expected the name of an argument",
		"a: \"{at, long}\"":     `unknown style "long", expected one of date, time`,
		"a: {one: x, other: y}": "the form other has 0 arguments",
		"a: {one: \"{n}\", few: \"{n}\", other: \"{n}\"}": `en has no plural form "few"`,
		"a: {other: \"{n}\"}":                             `the plural form "one" is missing`,
		"a: {some: x, other: \"{n}\"}":                    `unknown plural form "some"`,
		"\ttitle: a":                                      "en.yaml: ",
		"- a":                                             "expected keys with texts",
		"a: b\n---\nc: d":                                 "expected one YAML document",
	} {
		_, err := text.Load("x", fstest.MapFS{"en.yaml": {Data: []byte(content)}}, ".")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is loaded with %v, want %q", content, err, want)
		}
	}
	good := fstest.MapFile{Data: []byte("a: \"{name}\"")}
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"no English":       {fstest.MapFS{"de.yaml": &good}, "the English file en.yaml is missing"},
		"no language":      {fstest.MapFS{"en.yaml": &good, "deutsch1.yaml": &good}, `"deutsch1" is not a language`},
		"unknown key":      {fstest.MapFS{"en.yaml": &good, "de.yaml": {Data: []byte("b: x")}}, "de: the English file has no key b"},
		"unknown argument": {fstest.MapFS{"en.yaml": &good, "de.yaml": {Data: []byte("a: \"{nam}\"")}}, "de: a: unknown argument {nam}, expected [name]"},
	} {
		if _, err := text.Load("x", tt.files, "."); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func TestApplicationOverridesTexts(t *testing.T) {
	t.Parallel()
	s := sessions(t)
	mine := texttest.Own(t, map[string]string{
		"en.yaml": "home: Welcome\nsessions:\n  title: Devices\n",
		"fr.yaml": "home: Bienvenue\nsessions:\n  errors:\n    taken: \"{email} est déjà pris.\"\n",
	})
	english, french, german := in(t, "en", mine, s), in(t, "fr", mine, s), in(t, "de", mine, s)
	for _, got := range []struct{ got, want string }{
		{s.T(english, "title"), "Devices"},
		{s.T(german, "title"), "Sitzungen"},
		{s.T(french, "title"), "Devices"},
		{s.T(french, "errors.taken", "email", "a@b.fr"), "a@b.fr est déjà pris."},
		{mine.T(french, "home"), "Bienvenue"},
		{mine.T(german, "home"), "Welcome"},
	} {
		if got.got != got.want {
			t.Errorf("got %q, want %q", got.got, got.want)
		}
	}
	for name, tt := range map[string]struct {
		languages []string
		file      string
		want      string
	}{
		"unknown key":      {nil, "sessions: {titel: x}", "en.yaml: sessions has no text titel"},
		"unknown argument": {nil, "sessions: {title: \"{x}\"}", "unknown argument {x}"},
		"no texts":         {[]string{"en", "pt-BR"}, "home: x", "there is no text in pt-BR; add a file pt-BR.yaml"},
		"no language":      {[]string{"english please"}, "home: x", `"english please" is not a language`},
	} {
		_, err := text.NewCatalogue(text.Config{Languages: tt.languages}, texttest.Own(t, map[string]string{"en.yaml": tt.file}), s)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if err := (text.Config{TimeZone: "Nowhere/Land"}).Validate(); err == nil {
		t.Error("an unknown time zone is accepted")
	}
}

// Modules ask for names that belong to the application.
func TestOwnTexts(t *testing.T) {
	t.Parallel()
	s := texttest.Own(t, map[string]string{
		"en.yaml": `posts: {label: Blog post, count: "{n} posts"}`, "de.yaml": `posts: {label: Beitrag, body: Text}`,
	})
	german := in(t, "de", s)
	for _, tt := range []struct{ key, want string }{
		{"posts.label", "Beitrag"}, {"posts.body", "Text"}, {"posts.count", "3 posts"},
	} {
		if got, ok := text.Own(german, tt.key, "n", 3); !ok || got != tt.want {
			t.Errorf("%s is %q, %t, want %q", tt.key, got, ok, tt.want)
		}
	}
	for _, ctx := range []context.Context{t.Context(), german, in(t, "en", s)} {
		if got, ok := text.Own(ctx, "posts.title"); ok || got != "" {
			t.Errorf("a text that the application does not have is %q", got)
		}
	}
	if _, ok := text.Own(in(t, "en", s), "posts.body"); ok {
		t.Error("an English page shows a German name")
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	c, err := text.NewCatalogue(text.Config{Languages: []string{"en", "de"}}, nil, sessions(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		preferences []string
		want        string
	}{
		{nil, "en"},
		{[]string{"", "de-CH,fr;q=0.9"}, "de"},
		{[]string{"en", "de"}, "en"}, // the user's choice precedes the browser's
		{[]string{"fr", "de"}, "de"},
		{[]string{"fr;q=1,*"}, "en"},
		{[]string{";;;q=", strings.Repeat("de,", 10_000)}, "en"},
	} {
		if got := c.Match(tt.preferences...).Language(); got != tt.want {
			t.Errorf("%q match %s, want %s", tt.preferences, got, tt.want)
		}
	}
	if _, known := c.Locale("fr"); known {
		t.Error("the catalogue has French")
	}
}

type decimal string

func (d decimal) Rat() *big.Rat  { r, _ := new(big.Rat).SetString(string(d)); return r }
func (d decimal) String() string { return string(d) }

func TestNumbers(t *testing.T) {
	t.Parallel()
	s := texttest.Own(t, map[string]string{"de.yaml": "a: b", "hi.yaml": "a: b", "fa.yaml": "a: b", "fr.yaml": "a: b", "es.yaml": "a: b"})
	for _, tt := range []struct {
		lang  string
		value any
		want  string
	}{
		{"en", 1234567, "1,234,567"},
		{"en", -1234.5, "-1,234.5"},
		{"en", decimal("55.00"), "55.00"},
		{"en", uint8(7), "7"},
		{"en", decimal("123456789012345678901234567890.10"), "123,456,789,012,345,678,901,234,567,890.10"},
		{"de", 1234567.25, "1.234.567,25"},
		{"de", decimal("-1234.50"), "-1.234,50"},
		{"hi", 12345678, "1,23,45,678"},
		{"es", 12345, "12.345"},
		{"fa", -1234.5, "\u200e−۱٬۲۳۴٫۵"},
		{"en", "text", "text"},
		{"en", true, "true"},
	} {
		if got := text.Number(in(t, tt.lang, s), tt.value); got != tt.want {
			t.Errorf("%v in %s is %q, want %q", tt.value, tt.lang, got, tt.want)
		}
	}
}

// Times are shown in the zone of the user, around the changes of daylight saving time as well.
func TestTimesInZones(t *testing.T) {
	t.Parallel()
	s := texttest.Own(t, map[string]string{"de.yaml": "a: b", "en-US.yaml": "a: b"})
	for _, tt := range []struct{ lang, zone, utc, want string }{
		{"en", "UTC", "2026-11-30T16:05:00Z", "30 November 2026, 16:05"},
		{"en-US", "America/New_York", "2026-03-08T06:59:00Z", "March 8, 2026, 1:59 am"},
		{"en-US", "America/New_York", "2026-03-08T07:00:00Z", "March 8, 2026, 3:00 am"},
		{"en-US", "America/New_York", "2026-11-01T05:30:00Z", "November 1, 2026, 1:30 am"},
		{"en-US", "America/New_York", "2026-11-01T06:30:00Z", "November 1, 2026, 1:30 am"},
		{"de", "Europe/Berlin", "2026-03-29T00:59:00Z", "29. März 2026, 01:59 Uhr"},
		{"de", "Europe/Berlin", "2026-03-29T01:00:00Z", "29. März 2026, 03:00 Uhr"},
		{"en", "Australia/Lord_Howe", "2026-10-03T15:30:00Z", "4 October 2026, 02:30"},
		{"en", "Asia/Kathmandu", "2026-12-31T18:20:00Z", "1 January 2027, 00:05"},
		{"en-US", "Pacific/Kiritimati", "2026-06-30T22:00:00Z", "July 1, 2026, 12:00 pm"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, tt.utc)
		if err != nil {
			t.Fatal(err)
		}
		ctx := in(t, tt.lang, s)
		ctx = text.WithLocale(ctx, text.LocaleOf(ctx).In(zone))
		if got := text.DateTime(ctx, at); got != tt.want {
			t.Errorf("%s in %s is %q, want %q", tt.utc, tt.zone, got, tt.want)
		}
	}
	ctx := t.Context()
	for _, got := range []struct{ got, want string }{
		{text.Date(ctx, models.NewDate(2026, 2, 3)), "3 February 2026"},
		{text.Date(ctx, models.Date{}), ""},
		{text.DateTime(ctx, time.Time{}), ""},
		{text.Precise(ctx, time.Date(2026, 11, 30, 16, 5, 9, 0, time.UTC)), "30 November 2026, 16:05:09"},
		{text.Precise(ctx, time.Time{}), ""},
		{text.Size(ctx, 1), "1 byte"},
		{text.Size(ctx, 3<<19), "1.5 MB"},
		{text.Relative(ctx, time.Now()), "just now"},
		{text.Relative(ctx, time.Now().Add(2*24*time.Hour)), "in 2 days"},
		{text.Relative(ctx, time.Now().Add(-400*24*time.Hour)), "1 year ago"},
	} {
		if got.got != got.want {
			t.Errorf("got %q, want %q", got.got, got.want)
		}
	}
}

func TestRightToLeft(t *testing.T) {
	t.Parallel()
	s := texttest.Own(t, map[string]string{"he.yaml": `taken: "{email} תפוס"`})
	ctx := in(t, "he", s)
	if got, want := s.T(ctx, "taken", "email", "a@b.il"), "\u2068a@b.il\u2069 תפוס"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if l := text.LocaleOf(ctx); l.Direction() != "rtl" || l.Language() != "he" {
		t.Errorf("Hebrew is %s, %s", l.Direction(), l.Language())
	}
	if got := text.LocaleOf(t.Context()).Direction(); got != "ltr" {
		t.Errorf("English is %s", got)
	}
}

// Every language that this package ships is complete, but for regional ones, which only differ.
func TestFormatsAreComplete(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"de", "en-US"} {
		if missing := text.Formats().Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %v", lang, missing)
		}
	}
	args, known := text.Formats().Args("datetime")
	if diff := cmp.Diff([]string{"date", "time"}, args); !known || diff != "" {
		t.Error(diff)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("a: \"{n}\"")
	f.Add("a: {one: \"{n}\", other: \"{n, date} {{\"}\nb:\n  c: d")
	f.Fuzz(func(t *testing.T, content string) {
		s, err := text.Load("", fstest.MapFS{"en.yaml": {Data: []byte(content)}}, ".")
		if err != nil {
			return
		}
		for _, key := range s.Keys() {
			args, known := s.Args(key)
			if !known {
				t.Errorf("the key %q has no text", key)
			}
			for _, arg := range args {
				_ = s.T(t.Context(), key, arg, 3)
			}
		}
	})
}

func BenchmarkT(b *testing.B) {
	s, err := text.Load("sessions", fstest.MapFS{"en.yaml": {Data: []byte(english)}}, ".")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = s.T(b.Context(), "title")
		}
	})
	b.Run("plural", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = s.T(b.Context(), "count", "n", 12)
		}
	})
}

func TestPlainTextDoesNotAllocate(t *testing.T) {
	s := sessions(t)
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { _ = s.T(ctx, "title") }); n > 0 {
		t.Errorf("a plain text costs %v allocations", n)
	}
	german := in(t, "de", texttest.Own(t, map[string]string{"de.yaml": "label: Beitrag"}))
	if n := testing.AllocsPerRun(100, func() { text.Own(german, "label") }); n > 0 {
		t.Errorf("a text of the application costs %v allocations", n)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	zones := text.Zones()
	if len(zones) < 400 || !slices.IsSorted(zones) {
		t.Errorf("%d zones, sorted: %v", len(zones), slices.IsSorted(zones))
	}
	for _, name := range zones {
		if zone, known := text.Zone(name); !known || zone.String() != name {
			t.Errorf("%s is not a time zone", name)
		}
	}
}

// TestCatalogueLocaleOf has the default language outside requests, also if that is not English.
func TestCatalogueLocaleOf(t *testing.T) {
	t.Parallel()
	c, err := text.NewCatalogue(text.Config{Languages: []string{"de", "en"}, TimeZone: "Europe/Berlin"}, nil, text.Formats())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.LocaleOf(t.Context()).String(); got != "de Europe/Berlin" {
		t.Errorf("without a locale: %s", got)
	}
	if got := c.LocaleOf(text.WithLocale(t.Context(), c.Match("en"))).String(); got != "en Europe/Berlin" {
		t.Errorf("with a locale: %s", got)
	}
}

// The files of a package variable are read late, and their faults are an error of the catalogue.
func TestFaultyFilesOfAPackageVariable(t *testing.T) {
	t.Parallel()
	set := text.MustLoad("", fstest.MapFS{"en.yaml": {Data: []byte("title: Hello {name\n")}}, ".")
	_, err := text.NewCatalogue(text.Config{}, set, text.Formats())
	if err == nil || !strings.Contains(err.Error(), "en.yaml:1") {
		t.Errorf("err = %v", err)
	}
}
