package api

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

type leaf struct {
	Tags []string `json:"tags"`
}

type asText []string

func (asText) MarshalText() ([]byte, error) { return []byte("texts"), nil }

type node struct {
	Next *node    `json:"next"`
	Tags []string `json:"tags"`
}

type embedded struct {
	Names []string `json:"names"`
}

type Exported struct {
	Titles []string `json:"titles"`
}

func TestListsAreNeverNull(t *testing.T) {
	t.Parallel()
	type everything struct {
		Nil      []string         `json:"nil"`
		Empty    []string         `json:"empty"`
		Full     []int            `json:"full"`
		Bytes    []byte           `json:"bytes"`
		Map      map[string]int   `json:"map"`
		Nested   [][]string       `json:"nested"`
		Structs  []leaf           `json:"structs"`
		Pointers []*leaf          `json:"pointers"`
		Maps     map[string][]int `json:"maps"`
		Pointer  *leaf            `json:"pointer"`
		None     *leaf            `json:"none"`
		NoneList *[]string        `json:"none_list"`
		Any      any              `json:"any"`
		AnyNil   any              `json:"any_nil"`
		Array    [2][]string      `json:"array"`
		Omitted  []string         `json:"omitted,omitempty"`
		Zero     []string         `json:"zero,omitzero"`
		Hidden   []string         `json:"-"`
		Raw      json.RawMessage  `json:"raw"`
		Texts    asText           `json:"texts"`
		Time     time.Time        `json:"time"`
		private  []string
		Exported
		embedded
	}
	body := everything{
		Empty: []string{}, Full: []int{1}, Nested: [][]string{nil, {"a"}}, Structs: []leaf{{}, {Tags: []string{"b"}}},
		Pointers: []*leaf{nil, {}}, Maps: map[string][]int{"a": nil, "b": {1}}, Pointer: &leaf{}, Any: leaf{},
		Raw: json.RawMessage("null"),
	}
	before, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(withLists(reflect.ValueOf(&body).Elem()).Interface())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"nil":[],"empty":[],"full":[1],"bytes":"","map":{},"nested":[[],["a"]],"structs":[{"tags":[]},{"tags":["b"]}],` +
		`"pointers":[null,{"tags":[]}],"maps":{"a":[],"b":[1]},"pointer":{"tags":[]},"none":null,"none_list":null,"any":{"tags":[]},` +
		`"any_nil":null,"array":[[],[]],"raw":null,"texts":"texts","time":"0001-01-01T00:00:00Z","titles":[],"names":[]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	after, err := json.Marshal(body)
	if err != nil || string(after) != string(before) || body.private != nil {
		t.Errorf("what the handler returned has changed:\n%s\n%s", before, after)
	}
}

func TestListsOfWholeBodies(t *testing.T) {
	t.Parallel()
	for want, body := range map[string]any{
		"[]":                &[]string{},
		"{}":                new(map[string]int),
		`[{"tags":[]}]`:     &[]leaf{{}},
		`{"a":{"tags":[]}}`: &map[string]leaf{"a": {}},
		`"text"`:            ptr("text"),
		"7":                 ptr(7),
	} {
		got, err := json.Marshal(withLists(reflect.ValueOf(body).Elem()).Interface())
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	var none []string
	if got, _ := json.Marshal(withLists(reflect.ValueOf(&none).Elem()).Interface()); string(got) != "[]" {
		t.Errorf("a nil list is %s", got)
	}
}

func ptr[T any](v T) *T { return &v }

// A value that contains itself is an error of the encoder, not the end of the process.
func TestListsOfCycles(t *testing.T) {
	t.Parallel()
	cycle := &node{}
	cycle.Next = cycle
	if _, err := json.Marshal(withLists(reflect.ValueOf(cycle).Elem()).Interface()); err == nil {
		t.Error("a cycle was encoded")
	}
	long := &node{}
	for range 50 {
		long = &node{Next: long}
	}
	got, err := json.Marshal(withLists(reflect.ValueOf(long).Elem()).Interface())
	if err != nil || reflect.DeepEqual(got, []byte("null")) {
		t.Errorf("a chain: %s, %v", got, err)
	}
}

func TestBodiesWithoutListsAreNotCopied(t *testing.T) { // alone, as it counts allocations
	type flat struct {
		ID    int
		Name  string
		At    time.Time
		Inner *struct{ N int }
	}
	body := flat{ID: 1}
	v := reflect.ValueOf(&body).Elem()
	if mayHoldLists(v.Type()) {
		t.Error("a flat type may hold lists")
	}
	if got := testing.AllocsPerRun(100, func() { withLists(v) }); got > 0 {
		t.Errorf("%v allocations", got)
	}
	full := leaf{Tags: []string{"a"}}
	w := reflect.ValueOf(&full).Elem()
	if got := withLists(w); got.Addr().Interface() != w.Addr().Interface() {
		t.Error("a body without nil lists was copied")
	}
}
