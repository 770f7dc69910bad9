package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Options says where Load looks.
type Options struct {
	// Dir is the folder of the project, which holds config/ and .env. Defaults to the working directory.
	Dir string
	// Environ is the environment as "NAME=value" strings. Defaults to os.Environ().
	Environ []string
	// Defaults are values by key above the default tags and below everything else. Defaults to none.
	Defaults map[string]string
	// Flags are the values of the command-line flags that were given, by key. Defaults to none.
	Flags map[string]string
}

// Loaded is a configuration without faults.
type Loaded[T any] struct {
	// Value is the configuration.
	Value T
	// Env is the environment: [Development], [Test] or [Production].
	Env string

	entries []Entry
}

// Entry is one key of the configuration, for people to read.
type Entry struct {
	// Key is the key, such as "database.url".
	Key string
	// Env is the environment variable of the key, such as "DATABASE_URL".
	Env string
	// Value is the value as it was written: "[hidden]" for secrets, without the password of URLs.
	Value string
	// Source says where the value came from: "default", "config/config.yaml:12", ".env:3",
	// "environment DATABASE_URL", "flag --port".
	Source string
	// Doc is the doc tag.
	Doc string
}

// Entries returns every key with its value and source, sorted by key. The caller may change the slice.
func (l *Loaded[T]) Entries() []Entry {
	return slices.Clone(l.entries)
}

// Load reads the configuration into a new T, which has to be a struct. The error is an [*Error] with every fault when
// the values are at fault, and another error when the type T or the options are. Load reads no global state but
// os.Environ(), and may be called concurrently.
func Load[T any](opts Options) (*Loaded[T], error) { return load[T](opts, false) }

// Peek is Load for a program that knows only some keys of the configuration of an application, those of T: other keys
// are passed over instead of being faults.
func Peek[T any](opts Options) (*Loaded[T], error) { return load[T](opts, true) }

func load[T any](opts Options, partial bool) (*Loaded[T], error) {
	s, err := schemaOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	l := newLoader(opts, s)
	l.partial = partial
	if err := l.readLayers(); err != nil {
		return nil, err
	}
	loaded := &Loaded[T]{Env: l.env}
	root := reflect.ValueOf(&loaded.Value).Elem()
	l.decode(root)
	l.validate(root)
	if err := newError(l.faults); err != nil {
		return nil, err
	}
	loaded.entries = l.entries()
	return loaded, nil
}

// A loader reads the layers for one schema and collects the faults on the way.
type loader struct {
	opts      Options
	environ   map[string]string
	env       string
	schema    *schema
	layers    []*layer         // from the lowest to the highest
	effective map[string]value // by key, from the highest layer that has it
	faults    []Fault
	partial   bool // whether keys that the schema lacks belong to another program
}

func newLoader(opts Options, s *schema) *loader {
	if opts.Dir == "" {
		opts.Dir = "."
	}
	if opts.Environ == nil {
		opts.Environ = os.Environ()
	}
	return &loader{opts: opts, environ: environment(opts.Environ), schema: s, effective: map[string]value{}}
}

func (l *loader) readLayers() error {
	l.chooseEnv()
	defaults, err := l.defaults()
	if err != nil {
		return err
	}
	flags, err := l.flags()
	if err != nil {
		return err
	}
	l.layers = append(l.layers, defaults, l.readYAML(filepath.Join("config", "config.yaml")))
	l.layers = append(l.layers, l.readYAML(filepath.Join("config", "config."+l.env+".yaml")))
	l.rejectMisnamed()
	if l.env == Development {
		l.layers = append(l.layers, l.readDotenv())
	}
	l.layers = append(l.layers, l.environment(), flags)
	return nil
}

// chooseEnv decides the environment from the flag and the variable. With a wrong name it goes on as in development,
// so that the other faults are found too.
func (l *loader) chooseEnv() {
	name, source := l.environ[envVariable], "environment "+envVariable
	if flag := l.opts.Flags[envKey]; flag != "" {
		name, source = flag, "flag "+flagName(envKey)
	}
	switch {
	case name == "":
		l.env = Development
	case slices.Contains(environments, name):
		l.env = name
	default:
		l.env = Development
		l.faults = append(l.faults, Fault{
			Key: envKey, Source: source, Value: shorten(name),
			Problem: "expected one of " + strings.Join(environments, ", "),
			Hint:    envHint(name),
		})
	}
}

// nearestEnvironment returns the environment that a name such as "prod" or "tset" means, or "".
func nearestEnvironment(name string) string {
	for _, env := range environments {
		if len(name) > 2 && strings.HasPrefix(env, strings.ToLower(name)) {
			return env
		}
	}
	return nearest(name, environments)
}

func envHint(name string) string {
	if env := nearestEnvironment(name); env != "" {
		return fmt.Sprintf("Did you mean %s?", env)
	}
	return "Servers of every kind run as production."
}

func (l *loader) defaults() (*layer, error) {
	defaults := newLayer()
	for _, f := range l.schema.fields {
		if f.hasTag {
			defaults.set(f.key, f.fallback, "default")
		}
	}
	if l.schema.byKey[envKey] != nil {
		defaults.set(envKey, l.env, "default")
	}
	for _, key := range slices.Sorted(maps.Keys(l.opts.Defaults)) {
		if l.schema.byKey[key] == nil {
			return nil, fmt.Errorf("reading the defaults: the configuration has no key %q", key)
		}
		defaults.set(key, l.opts.Defaults[key], "default")
	}
	return defaults, nil
}

func (l *loader) environment() *layer {
	vars := newLayer()
	for _, f := range l.schema.fields {
		if text, ok := l.environ[f.env]; ok {
			vars.set(f.key, text, "environment "+f.env)
		}
	}
	return vars
}

func (l *loader) flags() (*layer, error) {
	flags := newLayer()
	for _, key := range slices.Sorted(maps.Keys(l.opts.Flags)) {
		if l.schema.byKey[key] == nil && key != envKey {
			return nil, fmt.Errorf("reading the flags: the configuration has no key %q", key)
		}
		flags.set(key, l.opts.Flags[key], "flag "+flagName(key))
	}
	return flags, nil
}

func (l *loader) entries() []Entry {
	var entries []Entry
	for _, f := range l.schema.fields {
		v := l.effective[f.key]
		shown := show(v.raw, redact)
		if f.secret && shown != "" {
			shown = hidden
		}
		if v.source == "" {
			v.source = "default"
		}
		entries = append(entries, Entry{Key: f.key, Env: f.env, Value: shown, Source: v.source, Doc: f.doc})
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Key, b.Key) })
	return entries
}
