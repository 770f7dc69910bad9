// Package madeup makes up resources for tests of the generators: valid names and fields of every kind, the same for the
// same seed.
//
//	for _, r := range madeup.New(1).Resources(12) {
//		run("covet", "generate", r.Args())
//	}
package madeup

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Resource is the command line of a resource.
type Resource struct {
	// Name is in the singular, with or without a namespace.
	Name string
	// Fields are written as people write them.
	Fields []string
	// Skip and Parent and Public are the flags.
	Skip   []string
	Parent string
	Public bool
}

// Args is everything behind "covet generate".
func (r Resource) Args() []string {
	args := append([]string{"resource", r.Name}, r.Fields...)
	for _, part := range r.Skip {
		args = append(args, "--skip", part)
	}
	if r.Parent != "" {
		args = append(args, "--parent", r.Parent)
	}
	if r.Public {
		args = append(args, "--public")
	}
	return args
}

// String is the command line.
func (r Resource) String() string { return strings.Join(r.Args(), " ") }

// Seed returns the seed of a test: a fixed one, or COVET_SEED. It is logged.
func Seed(t testing.TB, fixed uint64) uint64 {
	t.Helper()
	seed := fixed
	if text := os.Getenv("COVET_SEED"); text != "" {
		parsed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("reading COVET_SEED: %v", err)
		}
		seed = parsed
	}
	t.Logf("COVET_SEED=%d makes up the same again", seed)
	return seed
}

// Count returns how many resources a test makes up: COVET_MADE_UP, or a default, and at most [Most].
func Count(t testing.TB, fixed int) int {
	t.Helper()
	text := os.Getenv("COVET_MADE_UP")
	if text == "" {
		return fixed
	}
	count, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("reading COVET_MADE_UP: %v", err)
	}
	return min(count, Most)
}

// Maker makes resources up.
type Maker struct {
	random *rand.Rand
	names  []string
	made   []Resource
}

// New returns a maker. The same seed makes the same.
func New(seed uint64) *Maker {
	m := &Maker{random: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // to be repeated, not to be secret
	m.names = m.shuffled(resourceNames)
	return m
}

func (m *Maker) shuffled(words string) []string {
	list := strings.Fields(words)
	m.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func (m *Maker) chance(percent int) bool { return m.random.IntN(100) < percent }

func pick[T any](m *Maker, list ...T) T { return list[m.random.IntN(len(list))] }

// Resources makes up as many resources, at most [Most]. Later ones are related to earlier ones.
func (m *Maker) Resources(count int) []Resource {
	for range count {
		m.made = append(m.made, m.resource(m.names[len(m.made)]))
	}
	return m.made
}

// Most is how many resources one maker can make up.
var Most = len(strings.Fields(resourceNames))

func (m *Maker) resource(name string) Resource {
	r := Resource{Name: name, Public: m.chance(30)}
	if m.chance(15) {
		r.Name = pick(m, "shop", "import", "case") + "/" + name
	}
	if m.chance(30) {
		r.Skip = pick(m, []string{"html"}, []string{"api"}, []string{"admin"}, []string{"tests"}, []string{"html", "api"})
	}
	words := m.shuffled(fieldNames)
	for _, word := range words[:1+m.random.IntN(9)] {
		r.Fields = append(r.Fields, m.scalar(word))
	}
	m.relate(&r)
	return r
}

// relate adds relations to users, to the resource itself and to earlier ones.
func (m *Maker) relate(r *Resource) {
	if m.chance(40) {
		r.Fields = append(r.Fields, pick(m, "owner", "author", "creator")+":belongs_to:user"+pick(m, "", "?", "!"))
	}
	if m.chance(15) {
		r.Fields = append(r.Fields, "above:belongs_to:"+r.Name+"?")
	}
	earlier := slices.Clone(m.made)
	m.random.Shuffle(len(earlier), func(i, j int) { earlier[i], earlier[j] = earlier[j], earlier[i] })
	for i, other := range earlier[:min(len(earlier), m.random.IntN(4))] {
		field := other.Name
		if strings.Contains(field, "/") || r.has(field) || m.chance(50) {
			field = fmt.Sprintf("link_%d", i+1)
		}
		switch {
		case m.chance(30):
			r.Fields = append(r.Fields, fmt.Sprintf("several_%d:many:%s", i+1, other.Name))
		case r.Parent == "" && m.chance(30) && (other.Public || !r.Public) &&
			!slices.Contains(other.Skip, "html") && other.Parent == "":
			r.Fields = append(r.Fields, field+":belongs_to:"+other.Name)
			r.Parent = other.Name
		default:
			r.Fields = append(r.Fields, field+":belongs_to:"+other.Name+pick(m, "", "?", "!", "?:unique"))
		}
	}
}

// has reports whether there is a field of the name.
func (r *Resource) has(name string) bool {
	return slices.ContainsFunc(r.Fields, func(field string) bool {
		return strings.HasPrefix(field, name+":") || strings.HasPrefix(field, name+"_id:")
	})
}

// scalar is a field that is no relation.
func (m *Maker) scalar(name string) string {
	kind := pick(m, kinds...)
	field := name + ":" + kind.name
	given := pick(m, kind.given...)
	field += given
	switch {
	case kind.unique && m.chance(15):
		return field + ":unique"
	case kind.index && m.chance(15):
		field += ":index"
	}
	if len(kind.defaults) > 0 && m.chance(25) {
		field += ":default=" + pick(m, kind.defaults...)
	}
	return field
}

// kind is a type with what may be said of it.
type kind struct {
	name          string
	given         []string
	unique, index bool
	defaults      []string
}

var (
	every = []string{"", "!", "?"}
	kinds = []kind{
		{"string", every, true, true, []string{"x", "a:b", "it's", `"quoted"`, "<b>", "ä€", "%d {{.}}", "`"}},
		{"text", every, false, false, []string{"some text", "it's"}},
		{"int", every, true, true, []string{"0", "-3", "2147483647"}},
		{"bigint", every, true, true, []string{"0", "9007199254740993"}},
		{"float", every, false, true, []string{"0", "1.5", "-2e10"}},
		{"decimal(10,2)", every, true, true, []string{"0", "9.99", "-1"}},
		{"decimal(3,3)", every, true, true, []string{"0.125"}},
		{"decimal(15,0)", every, true, true, []string{"7"}},
		{"bool", []string{"", "?"}, false, true, []string{"true", "false"}},
		{"date", every, true, true, []string{"2026-01-31"}},
		{"time", every, true, true, []string{"2026-01-31T12:00:00Z"}},
		{"uuid", every, true, true, []string{"0190a3b4-0000-7000-8000-000000000001"}},
		{"json", every, false, false, []string{`{"a":[1]}`, "[]"}},
		{"enum(draft,live)", every, false, true, []string{"live"}},
		{"enum(type,range,select)", every, false, true, []string{"range"}},
		{"file", []string{""}, false, false, nil},
		{"file(pdf,zip)", []string{""}, false, false, nil},
		{"image(png)", []string{""}, false, false, nil},
		{"slug", []string{"", "!"}, false, false, nil},
		{"email", every, true, true, nil},
		{"url", every, false, false, nil},
		{"color", every, true, true, []string{"#1f6f5c"}},
		{"money(JPY)", every, true, true, []string{"0", "120"}},
		{"money(EUR)", every, true, true, []string{"9.99"}},
		{"markdown", every, false, false, []string{"some *text*"}},
	}
)

// Words that mean something in Go, in SQL, in HTML, in GORM or in the code that is generated, and some that do not.
const (
	resourceNames = `
		type range order group select error string page form client value news person status map func chan table index
		series child store input output test_case key option column url policy route field file byte
		any nil interface struct package import return default switch context database query search record event
		message_thread check actor identity time json validate template column_2 address box bus quiz analysis http clause
		slice`
	fieldNames = `
		type range order group select error string page form client value news person status map func chan table index
		key default case from where limit user_name values rows row db ctx err in out store pages input inputs name title
		label number method model models json time uuid url html_url api_key ip https address_2 is_active edit update
		delete create show list count sum min max
		len cap new make nil true iota any comparable r s t a p q context csrf option options primary references check
		unique column desc asc key_2 body search version etag body_2 i j n of to and or not null like join having union`
)
