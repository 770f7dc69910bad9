package value

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// StructField is one field of a struct that a member is bound to.
type StructField struct {
	reflect.StructField
	// Index is the path to the field through embedded structs.
	Index []int
	// JSON is the name of the member.
	JSON string
	// Required, ReadOnly and Omits say what its tags say: required:"true",
	// readOnly:"true", and omitempty or omitzero in json.
	Required, ReadOnly, Omits bool
}

// Fields returns the fields of a struct as encoding/json sees them, without those
// tagged json:"-". Outer fields hide those of embedded structs.
func Fields(t reflect.Type) ([]StructField, error) {
	var fields []StructField
	for _, sf := range reflect.VisibleFields(t) {
		tag := sf.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case sf.Anonymous && name == "" && pointed(sf.Type).Kind() == reflect.Struct && !Opaque(pointed(sf.Type)):
			if sf.Type.Kind() == reflect.Pointer {
				return nil, fmt.Errorf("field %s: an embedded pointer cannot be bound", sf.Name)
			}
			continue
		case tag == "-", !sf.IsExported(), hidden(t, sf):
			continue
		case strings.Contains(","+options+",", ",string,"):
			return nil, fmt.Errorf("field %s: the option string of its json tag is not supported", sf.Name)
		case name == "":
			if name = sf.Tag.Get("form"); name == "" {
				name = sf.Name
			}
		}
		f := StructField{
			StructField: sf,
			Index:       sf.Index,
			JSON:        name,
			Required:    sf.Tag.Get("required") == "true",
			ReadOnly:    sf.Tag.Get("readOnly") == "true",
		}
		f.Omits = strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		fields = append(fields, f)
	}
	return shallowest(fields)
}

// hidden reports whether a field belongs to an embedded struct that has a name of
// its own in JSON, and so is none of the struct around it.
func hidden(t reflect.Type, sf reflect.StructField) bool {
	for i := 1; i < len(sf.Index); i++ {
		outer := t.FieldByIndex(sf.Index[:i])
		if name, _, _ := strings.Cut(outer.Tag.Get("json"), ","); name != "" {
			return true
		}
	}
	return false
}

// shallowest returns one field for each name: the least nested one.
func shallowest(fields []StructField) ([]StructField, error) {
	best := map[string]int{}
	for _, f := range fields {
		if depth, ok := best[f.JSON]; !ok || len(f.Index) < depth {
			best[f.JSON] = len(f.Index)
		}
	}
	kept := fields[:0]
	seen := map[string]bool{}
	for _, f := range fields {
		if len(f.Index) > best[f.JSON] {
			continue
		}
		if seen[f.JSON] {
			return nil, fmt.Errorf("two fields are called %q in JSON", f.JSON)
		}
		seen[f.JSON] = true
		kept = append(kept, f)
	}
	return kept, nil
}

func pointed(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// member is a field with its decoder.
type member struct {
	StructField
	decode   decoder
	fallback *Value // the default
	asks     bool   // whether its absence is a fault that no rule about its value finds
	object   bool   // whether its absence is the same as an empty object
}

func structure(t reflect.Type) decoder {
	fields, err := Fields(t)
	if err != nil {
		panic(err) // Compile returned it at registration
	}
	members := make([]member, len(fields))
	byName := make(map[string]int, len(fields))
	for i, f := range fields {
		members[i] = member{StructField: f, decode: decoderOf(f.Type), asks: f.Required && !f.ReadOnly}
		members[i].object = f.Type.Kind() == reflect.Struct && !Opaque(f.Type) && !f.ReadOnly
		if fallback, ok := f.Tag.Lookup("default"); ok {
			v := Default(f.Type, fallback)
			members[i].fallback = &v
		}
		byName[f.JSON] = i
	}
	return func(s *state, v *Value, dst reflect.Value, at *path) {
		if v.Kind != Object {
			s.wrongType(v, at, "object")
			return
		}
		given := make([]bool, len(members))
		for i := range v.Members {
			sent := &v.Members[i]
			to := &path{at, sent.Name, -1}
			n, ok := byName[sent.Name]
			switch {
			case !ok:
				s.fault(to, "unknown")
			case members[n].ReadOnly:
				s.fault(to, "read_only")
			case members[n].asks && isEmptyField(&sent.Value):
			default:
				given[n] = true
				members[n].decode(s, &sent.Value, dst.FieldByIndex(members[n].Index), to)
			}
		}
		s.setDefaults(members, given, dst, at)
	}
}

// isEmptyField reports whether v is a form field without text.
func isEmptyField(v *Value) bool { return v.Kind == Field && v.Text == "" }

// setDefaults sets the members that were not sent.
func (s *state) setDefaults(members []member, given []bool, dst reflect.Value, at *path) {
	for i := range members {
		m := &members[i]
		switch {
		case given[i]:
		case m.fallback != nil:
			m.decode(s, m.fallback, dst.FieldByIndex(m.Index), &path{at, m.JSON, -1})
		case m.object && !m.asks:
			m.decode(s, &Value{Kind: Object}, dst.FieldByIndex(m.Index), &path{at, m.JSON, -1})
		case m.asks:
			s.fault(&path{at, m.JSON, -1}, "required")
		}
	}
}

// Default reads the tag default of a field: text for a string, items with commas
// between them for a list, and JSON for everything else.
func Default(t reflect.Type, text string) Value {
	t = pointed(t)
	if t.Kind() == reflect.String || ReadsText(t) {
		return Value{Kind: Field, Text: text}
	}
	if t.Kind() == reflect.Slice && !Opaque(t) && !strings.HasPrefix(text, "[") {
		list := Value{Kind: List}
		for item := range strings.SplitSeq(text, ",") {
			list.Members = append(list.Members, Member{Value: Value{Kind: Field, Text: strings.TrimSpace(item)}})
		}
		return list
	}
	if v, err := ParseJSON([]byte(text)); err == nil {
		return v
	}
	return Value{Kind: String, Text: strconv.Quote(text)} // of the wrong type: CheckDefault reports it
}

// CheckDefault returns an error unless the tag default of a field is a value of its type.
func CheckDefault(sf reflect.StructField) error {
	text, ok := sf.Tag.Lookup("default")
	if !ok {
		return nil
	}
	if result := Bind(context.Background(), Default(sf.Type, text), reflect.New(sf.Type).Elem()); len(result.Faults) > 0 {
		return fmt.Errorf("field %s: default:%q is no %s", sf.Name, text, sf.Type)
	}
	return nil
}

// ParseForm returns the fields of a form as an object, in no particular order.
func ParseForm(values map[string][]string) Value {
	v := Value{Kind: Object, Members: make([]Member, 0, len(values))}
	for name, list := range values {
		v.Members = append(v.Members, Member{Name: name, Value: FormField(list)})
	}
	return v
}

// FormField returns the values of one form field or parameter.
func FormField(list []string) Value {
	if len(list) == 1 {
		return Value{Kind: Field, Text: list[0]}
	}
	v := Value{Kind: List, Members: make([]Member, len(list))}
	for i, text := range list {
		v.Members[i].Value = Value{Kind: Field, Text: text}
	}
	return v
}
