package config

import (
	"github.com/spf13/viper"
)

// A layer is one place that values come from. Each has a viper instance of its own: merged into one, viper could not
// tell which layer a value came from.
type layer struct {
	values  *viper.Viper
	sources map[string]string // key → "config/config.yaml:12"
}

func newLayer() *layer {
	return &layer{values: viper.New(), sources: map[string]string{}}
}

// set stores a value, which is a string, a []string or a map[string]string. The environment of an application is
// never empty, so an empty one is no value.
func (l *layer) set(key string, raw any, source string) {
	if key == envKey && raw == "" {
		return
	}
	l.values.Set(key, raw)
	l.sources[key] = source
}

// get returns the value of a key. It is set when the layer has it, even if it is empty.
func (l *layer) get(key string) (value, bool) {
	if !l.values.IsSet(key) {
		return value{}, false
	}
	return value{raw: l.values.Get(key), source: l.sources[key]}, true
}

// A value is what a layer holds for a key, before it becomes a field of the struct.
type value struct {
	raw    any
	source string
}
