package text

import (
	"context"
	"sync"
	"time"

	"golang.org/x/text/language"
)

// Locale is a language and a time zone: how texts, dates, times and numbers are shown to a user. The zero value of
// *Locale does not exist; [Catalogue.Locale] returns one. It is safe for concurrent use.
type Locale struct {
	*tongue
	zone *time.Location
}

// tongue is what locales of one language share.
type tongue struct {
	tag       language.Tag
	catalogue *Catalogue     // nil for the locale of contexts without one
	languages []language.Tag // the language, its parents, the default language, English
	overrides *Set           // of the application; nil for none
	rtl       bool
	numbers   numberFormat
	tables    sync.Map // of *Set: map[string]*message, all keys resolved
}

func newTongue(tag, fallback language.Tag, overrides *Set) *tongue {
	t := &tongue{tag: tag, overrides: overrides, rtl: isRightToLeft(tag), numbers: newNumberFormat(tag)}
	t.languages = append(append(chain(tag), chain(fallback)...), english)
	return t
}

// plainEnglish is the locale of contexts without one.
var plainEnglish = &Locale{newTongue(english, english, nil), time.UTC}

type localeKey struct{}

// WithLocale returns a context with a locale.
func WithLocale(ctx context.Context, l *Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// LocaleOf returns the locale of a context; English and UTC for a context without one.
func LocaleOf(ctx context.Context) *Locale {
	if l, ok := ctx.Value(localeKey{}).(*Locale); ok {
		return l
	}
	return plainEnglish
}

// Language returns the language as a BCP 47 tag, for the attribute lang: "de", "pt-BR".
func (l *Locale) Language() string { return l.tag.String() }

// Direction returns the direction of writing, for the attribute dir: "ltr" or "rtl".
func (l *Locale) Direction() string {
	if l.rtl {
		return "rtl"
	}
	return "ltr"
}

// Zone returns the time zone in which times are shown.
func (l *Locale) Zone() *time.Location { return l.zone }

// Languages returns the languages of the application as BCP 47 tags, the default language first.
func (l *Locale) Languages() []string {
	if l.catalogue == nil {
		return []string{l.Language()}
	}
	return l.catalogue.Languages()
}

// Named returns the locale of another language of the application in the same time zone, and false if the application
// does not have the language.
func (l *Locale) Named(lang string) (*Locale, bool) {
	if l.catalogue == nil {
		return l, lang == l.Language()
	}
	other, has := l.catalogue.Locale(lang)
	return other.In(l.zone), has
}

// names reports whether the texts contain the name of the language itself, not only of another one.
func (l *Locale) names() bool {
	for _, lang := range chain(l.tag) {
		if l.overrides != nil && l.overrides.languages()[lang]["text.name"] != nil || formats.languages()[lang]["name"] != nil {
			return true
		}
	}
	return false
}

// String returns the language and the time zone, "de Europe/Berlin", from which [Catalogue.Parse] returns the locale.
func (l *Locale) String() string { return l.Language() + " " + l.zone.String() }

// In returns the locale with another time zone.
func (l *Locale) In(zone *time.Location) *Locale { return &Locale{l.tongue, zone} }

// text returns a text of a set.
func (l *Locale) text(s *Set, key string, args []any) string {
	m := l.table(s)[key]
	if m == nil {
		return ""
	}
	return m.format(l, args)
}

// table returns the texts of a set for this language: for each key the application's own text or else the set's, in
// the first language that has one.
func (t *tongue) table(s *Set) map[string]*message {
	if table, has := t.tables.Load(s); has {
		return table.(map[string]*message)
	}
	table := map[string]*message{}
	for _, key := range s.Keys() {
		table[key] = t.resolve(s, key)
	}
	t.tables.Store(s, table)
	return table
}

func (t *tongue) resolve(s *Set, key string) *message {
	for _, lang := range t.languages {
		if t.overrides != nil && s != t.overrides {
			if m, has := t.overrides.languages()[lang][s.name+"."+key]; has {
				return m
			}
		}
		if m, has := s.languages()[lang][key]; has {
			return m
		}
	}
	return nil
}

// Text direction isolates (UAX #9, section 2.4).
const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// isolate keeps an inserted text from reordering the sentence around it in right-to-left languages.
func (l *Locale) isolate(text string) string {
	if !l.rtl || text == "" {
		return text
	}
	return firstStrongIsolate + text + popDirectionalIsolate
}

// isRightToLeft reports whether the script of a language is written from right to left.
func isRightToLeft(tag language.Tag) bool {
	script, _ := tag.Script()
	switch script.String() {
	case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr":
		return true
	}
	return false
}
