package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Fault is one thing that is wrong with the configuration. Its fields never hold the value of a secret, nor the
// user and password of a URL.
type Fault struct {
	// Key is the key at fault, such as "database.url". It is empty when a whole file is at fault.
	Key string
	// Source says where the value came from, as in [Entry]. It is empty when the key is set nowhere.
	Source string
	// Value is the value at fault, shortened; "[hidden]" for a secret, empty when there is none.
	Value string
	// Problem says what is wrong: "expected a whole number such as 25".
	Problem string
	// Hint says in full sentences what to do about it. It may be empty.
	Hint string
}

// String returns the fault in one line, without the hint.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Key)
	if f.Value != "" && f.Value != hidden {
		fmt.Fprintf(&b, " = %q", f.Value)
	}
	switch {
	case f.Key == "":
		b.WriteString(f.Source)
	case f.Source != "":
		fmt.Fprintf(&b, " (%s)", f.Source)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(f.Problem)
	return b.String()
}

// Error is everything that is wrong with a configuration.
type Error struct {
	// Faults is sorted by key and source, and never empty.
	Faults []Fault
}

// Error lists the faults, each with its hint: one in a line, more as a list.
func (e *Error) Error() string {
	if len(e.Faults) == 1 {
		return strings.TrimSpace("invalid configuration: " + sentence(e.Faults[0].String()) + " " + e.Faults[0].Hint)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "invalid configuration, %d faults:", len(e.Faults))
	for _, fault := range e.Faults {
		fmt.Fprintf(&b, "\n  - %s", strings.TrimSpace(sentence(fault.String())+" "+fault.Hint))
	}
	return b.String()
}

// sentence ends a text with a full stop unless it ends with punctuation.
func sentence(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// newError sorts the faults and leaves out what repeats. It returns nil without faults.
func newError(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	slices.SortStableFunc(faults, func(a, b Fault) int {
		return cmp.Or(
			strings.Compare(a.Key, b.Key), strings.Compare(a.Source, b.Source), strings.Compare(a.Problem, b.Problem))
	})
	return &Error{Faults: slices.Compact(faults)}
}

// Validator is implemented by structs of a configuration that have rules of their own. Load calls Validate on the
// whole, on each section and on each embedded struct once their values are set:
//
//	func (c *SMTP) Validate(f *config.Faults) {
//		if f.Production() && c.URL == "" {
//			f.Add("url", "Set SMTP_URL to the address of a mail server.", "mail is only captured without it")
//		}
//	}
//
// A struct that must not know this package can have "Validate() error" instead; what it returns is reported under
// the key of its section.
type Validator interface {
	Validate(f *Faults)
}

// plainValidator is what structs of packages that do not import this one can implement.
type plainValidator interface {
	Validate() error
}

// Faults collects what a [Validator] finds. It knows the section, so that keys are relative to it. It is valid during
// the call of Validate only.
type Faults struct {
	loader *loader
	prefix string
}

// Add reports that the value of key is at fault. The key is relative to the section of the Validator ("url", or
// "pool.size" for a section inside it); the empty key is the section itself. The hint says in full sentences what to
// do and may be empty; the problem is formatted as by fmt.Sprintf. Secrets and passwords that appear in either are
// hidden.
func (f *Faults) Add(key, hint, problem string, args ...any) {
	key = f.absolute(key)
	entry := f.loader.effective[key]
	f.loader.faults = append(f.loader.faults, Fault{
		Key:     key,
		Source:  entry.source,
		Value:   f.loader.shown(key, entry.raw),
		Problem: f.loader.scrub(fmt.Sprintf(problem, args...)),
		Hint:    f.loader.scrub(hint),
	})
}

// Env returns the environment: [Development], [Test] or [Production].
func (f *Faults) Env() string { return f.loader.env }

// Production reports whether the environment is [Production].
func (f *Faults) Production() bool { return f.loader.env == Production }

// Source says where the value of a key of the section came from, as in [Entry].
func (f *Faults) Source(key string) string {
	return f.loader.effective[f.absolute(key)].source
}

func (f *Faults) absolute(key string) string {
	if key == "" {
		return f.prefix
	}
	return join(f.prefix, key)
}
