package text

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
)

// Config configures the languages of an application.
type Config struct {
	// Languages are the languages that users can get, as BCP 47 tags, the default language first. Defaults to the
	// languages of the application's own texts, English first, or to English alone.
	Languages []string `doc:"languages that users can get, the default first (empty: those of the files in app/texts)"`
	// TimeZone is the time zone of users whose own is unknown, as an IANA name. Defaults to UTC.
	TimeZone string `default:"UTC" doc:"time zone of users whose own is unknown, such as Europe/Berlin"`
}

// Validate returns all invalid fields.
func (c Config) Validate() error {
	var faults []error
	for _, name := range c.Languages {
		if _, err := language.Parse(name); err != nil {
			faults = append(faults, fmt.Errorf("text.languages: %q is not a language; expected a tag such as de or pt-BR", name))
		}
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil {
		faults = append(faults, fmt.Errorf("text.time_zone: %q is not a time zone; expected a name such as Europe/Berlin",
			c.TimeZone))
	}
	return errors.Join(faults...)
}

// Catalogue contains the languages of an application. It is safe for concurrent use.
type Catalogue struct {
	tags    []language.Tag
	locales []*Locale
	matcher language.Matcher
	sets    []*Set // the application's own first
}

// NewCatalogue returns the languages that cfg configures. own contains the texts of the application and its wordings of
// the texts in sets; nil for none. It returns all faults: invalid configuration, a language without any text, and texts
// for a set that has no such key or argument.
func NewCatalogue(cfg Config, own *Set, sets ...*Set) (*Catalogue, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return nil, err
	}
	if own != nil {
		if _, err := own.read(); err != nil {
			return nil, err
		}
	}
	c := &Catalogue{tags: languagesOf(cfg, own), sets: sets}
	if own != nil {
		c.sets = append([]*Set{own}, sets...)
	}
	faults := checkOverrides(own, sets)
	for _, tag := range c.tags {
		if !hasTexts(tag, append(slices.Clone(sets), own)) {
			faults = append(faults, fmt.Errorf("text.languages: there is no text in %s; add a file %s%s", tag, tag, extension))
		}
		tongue := newTongue(tag, c.tags[0], own)
		tongue.catalogue = c
		c.locales = append(c.locales, &Locale{tongue, zone})
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	c.matcher = language.NewMatcher(c.tags)
	return c, nil
}

func languagesOf(cfg Config, own *Set) []language.Tag {
	var tags []language.Tag
	for _, name := range cfg.Languages {
		if tag := language.Make(name); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	if len(tags) > 0 {
		return tags
	}
	tags = []language.Tag{english}
	if own == nil || len(own.languages()) == 0 {
		return tags
	}
	if _, has := own.languages()[english]; !has {
		tags = nil
	}
	for _, tag := range own.tags() {
		if tag != english {
			tags = append(tags, tag)
		}
	}
	return tags
}

func hasTexts(tag language.Tag, sets []*Set) bool {
	for _, s := range sets {
		if s == nil {
			continue
		}
		for _, lang := range chain(tag) {
			if len(s.languages()[lang]) > 0 {
				return true
			}
		}
	}
	return slices.Contains(chain(tag), english)
}

// checkOverrides returns an error for each of the application's texts under the name of a set that has no such key or
// argument.
func checkOverrides(own *Set, sets []*Set) []error {
	if own == nil {
		return nil
	}
	named := map[string]*Set{}
	for _, s := range sets {
		named[s.name] = s
	}
	var faults []error
	for _, lang := range own.tags() {
		for _, key := range sorted(own.languages()[lang]) {
			prefix, rest, _ := strings.Cut(key, ".")
			s, has := named[prefix]
			if !has {
				continue
			}
			if s.languages()[english][rest] == nil {
				faults = append(faults, fmt.Errorf("%s%s: %s has no text %s", lang, extension, prefix, rest))
			} else if err := s.checkArgs(rest, s.languages()[english][rest], own.languages()[lang][key]); err != nil {
				faults = append(faults, fmt.Errorf("%s%s: %s: %w", lang, extension, key, err))
			}
		}
	}
	return faults
}

// Languages returns the languages as BCP 47 tags, the default language first.
func (c *Catalogue) Languages() []string {
	names := make([]string, len(c.tags))
	for i, tag := range c.tags {
		names[i] = tag.String()
	}
	return names
}

// Missing returns the keys that a language lacks, as files of the application have them: "home.title", "auth.login.title".
// A regional language lacks only what its base lacks, too. It returns nothing for English texts of Covet, which are
// complete.
func (c *Catalogue) Missing(lang string) []string {
	tag := language.Make(lang)
	var missing []string
	for _, s := range c.sets {
		for _, key := range s.Keys() {
			if s.find(key, chain(tag)) == nil && !c.overrides(s.prefix()+key, tag) {
				missing = append(missing, s.prefix()+key)
			}
		}
	}
	return missing
}

// overrides reports whether the application's own texts contain a key in a language.
func (c *Catalogue) overrides(key string, tag language.Tag) bool {
	own := c.Default().overrides
	return own != nil && own.find(key, chain(tag)) != nil
}

// Default returns the locale of the default language.
func (c *Catalogue) Default() *Locale { return c.locales[0] }

// Locale returns the locale of a language, and false if the application does not have it.
func (c *Catalogue) Locale(lang string) (*Locale, bool) {
	tag, err := language.Parse(lang)
	if err != nil {
		return c.Default(), false
	}
	i := slices.Index(c.tags, tag)
	if i < 0 {
		return c.Default(), false
	}
	return c.locales[i], true
}

// LocaleOf returns the locale of ctx, and the default locale for a context without one of this catalogue: that of a
// command, for example.
func (c *Catalogue) LocaleOf(ctx context.Context) *Locale {
	if l := LocaleOf(ctx); l.catalogue == c {
		return l
	}
	return c.Default()
}

// Parse returns the locale that [Locale.String] has written: in the default language if the application does not have
// its language any more, and in the default time zone if its time zone is unknown.
func (c *Catalogue) Parse(text string) *Locale {
	lang, name, _ := strings.Cut(text, " ")
	locale, _ := c.Locale(lang)
	if zone, known := Zone(name); known {
		return locale.In(zone)
	}
	return locale
}

// zones are the time zones that Zone has returned. Their number is bounded by those that exist.
var zones sync.Map // name: *time.Location

// maxZoneName is the maximum length of the name of a time zone, in bytes.
const maxZoneName = 64

// Zone returns the time zone with an IANA name, such as "Europe/Berlin", and false for an unknown name. The name may come
// from a user.
func Zone(name string) (*time.Location, bool) {
	if zone, known := zones.Load(name); known {
		return zone.(*time.Location), true
	}
	if name == "" || name == "Local" || len(name) > maxZoneName {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, zone)
	return zone, true
}

// maxPreferences is the maximum length of a header Accept-Language that is read, in bytes.
//
// Threat: a client sends thousands of languages, each of which costs time.
const maxPreferences = 1 << 10

// Match returns the locale that fits the preferences best: languages that the user has chosen, which take precedence,
// and the header Accept-Language (RFC 9110, section 12.5.4). It returns the default language if none fits. Invalid
// preferences are ignored.
func (c *Catalogue) Match(preferences ...string) *Locale {
	if len(c.tags) == 1 {
		return c.Default()
	}
	for _, preference := range preferences {
		if preference == "" || len(preference) > maxPreferences {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(preference)
		if err != nil {
			continue
		}
		if _, i, confidence := c.matcher.Match(tags...); confidence > language.No {
			return c.locales[i]
		}
	}
	return c.Default()
}
