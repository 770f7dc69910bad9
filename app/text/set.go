package text

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"golang.org/x/text/language"
)

// english is the language that every set has, and the last fallback.
var english = language.English

// Set contains the texts of a package, in English and other languages. It does not change after its creation and is
// safe for concurrent use.
type Set struct {
	name     string
	optional map[string][]string // by key: arguments that only some languages use
	read     func() (languages, error)
}

// languages are the texts of a set by language and key.
type languages map[language.Tag]map[string]*message

// Load returns the texts of the files in a folder, which are named by their language: "en.yaml", "pt-BR.yaml". The name
// is the prefix of their keys in the files of an application; the application's own set has the name "". It returns
// all faults: invalid YAML, keys, arguments and plural forms, a missing English file, and texts or arguments that the
// English file does not have.
func Load(name string, files fs.FS, folder string) (*Set, error) {
	s := MustLoad(name, files, folder)
	if _, err := s.read(); err != nil {
		return nil, err
	}
	return s, nil
}

// MustLoad is like [Load], for package variables: the files are read when the first text is used, so that they cost
// nothing at start. [NewCatalogue] returns their faults as an error; every other use panics.
func MustLoad(name string, files fs.FS, folder string) *Set {
	return (&Set{name: name}).from(files, folder)
}

// from makes the set read its texts from a folder, once.
func (s *Set) from(files fs.FS, folder string) *Set {
	s.read = sync.OnceValues(func() (languages, error) {
		all, err := readFolder(files, folder)
		if err == nil && s.name != "" {
			err = s.checkTranslations(all)
		}
		if err != nil {
			return nil, fmt.Errorf("loading the texts of %q: %w", s.name, err)
		}
		return all, nil
	})
	return s
}

// languages returns the texts of the set.
func (s *Set) languages() languages {
	all, err := s.read()
	if err != nil {
		panic(err)
	}
	return all
}

// checkTranslations returns an error for each text or argument of a language that English does not have.
func (s *Set) checkTranslations(all languages) error {
	source, has := all[english]
	if !has {
		return errors.New("the English file en.yaml is missing")
	}
	var faults []error
	for lang, messages := range all {
		for _, key := range sorted(messages) {
			if _, has := source[key]; !has {
				faults = append(faults, fmt.Errorf("%s: the English file has no key %s", lang, key))
			} else if err := s.checkArgs(key, source[key], messages[key]); err != nil {
				faults = append(faults, fmt.Errorf("%s: %s: %w", lang, key, err))
			}
		}
	}
	return errors.Join(faults...)
}

// checkArgs returns an error for an argument that the English text of the key does not have.
func (s *Set) checkArgs(key string, source, translation *message) error {
	known := append(source.args(), s.optional[key]...)
	for _, name := range translation.args() {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown argument {%s}, expected %v", name, known)
		}
	}
	return nil
}

// T returns the text of a key in the language of ctx. The arguments are pairs of a name and a value, as in package
// log/slog. A missing argument is empty. The text of an unknown key is empty, too; [Set.Keys] lets tests find such keys.
func (s *Set) T(ctx context.Context, key string, args ...any) string {
	return LocaleOf(ctx).text(s, key, args)
}

// English returns the English text of a key, for logs and for code without a context.
func (s *Set) English(key string, args ...any) string { return plainEnglish.text(s, key, args) }

// Own returns a text of the application in the language of ctx, and false if the application has no text with this key.
// Modules use it for names that belong to the application.
func Own(ctx context.Context, key string, args ...any) (string, bool) {
	l := LocaleOf(ctx)
	if l.overrides == nil {
		return "", false
	}
	m := l.resolve(l.overrides, key)
	if m == nil {
		return "", false
	}
	return m.format(l, args), true
}

// Name returns the name of the set.
func (s *Set) Name() string { return s.name }

// Keys returns the keys of the English texts, sorted, or of all languages for a set without English texts.
func (s *Set) Keys() []string {
	if messages, has := s.languages()[english]; has {
		return sorted(messages)
	}
	all := map[string]bool{}
	for _, messages := range s.languages() {
		for key := range messages {
			all[key] = true
		}
	}
	return sorted(all)
}

// Args returns the names of the arguments of a text, and false for an unknown key.
func (s *Set) Args(key string) ([]string, bool) {
	for _, lang := range append([]language.Tag{english}, s.tags()...) {
		if m, has := s.languages()[lang][key]; has {
			return m.args(), true
		}
	}
	return nil, false
}

// Missing returns the keys that a language lacks, sorted. A regional language lacks only what its base lacks, too.
func (s *Set) Missing(lang string) []string {
	tag := language.Make(lang)
	var keys []string
	for _, key := range s.Keys() {
		if s.find(key, chain(tag)) == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// find returns the message of a key in the first of the languages that has it; nil if none does.
func (s *Set) find(key string, languages []language.Tag) *message {
	for _, lang := range languages {
		if m, has := s.languages()[lang][key]; has {
			return m
		}
	}
	return nil
}

// tags returns the languages of the set, sorted.
func (s *Set) tags() []language.Tag {
	tags := make([]language.Tag, 0, len(s.languages()))
	for tag := range s.languages() {
		tags = append(tags, tag)
	}
	slices.SortFunc(tags, func(a, b language.Tag) int { return compareTags(a, b) })
	return tags
}

func compareTags(a, b language.Tag) int {
	if a.String() < b.String() {
		return -1
	}
	return 1
}

// chain returns a language and its parents: de-AT, de.
func chain(tag language.Tag) []language.Tag {
	var languages []language.Tag
	for ; tag != language.Und; tag = tag.Parent() {
		languages = append(languages, tag)
	}
	return languages
}
