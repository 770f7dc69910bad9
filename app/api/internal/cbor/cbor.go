// Package cbor reads and writes bodies in CBOR (RFC 8949).
package cbor

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	fx "github.com/fxamacker/cbor/v2"

	"github.com/covetgo/covet/app/internal/value"
)

// Codec reads and writes CBOR. Create one with [New]. It is safe for concurrent use.
type Codec struct {
	decode fx.DecMode
	encode fx.EncMode
}

// New returns a strict reader and a deterministic writer.
func New() (*Codec, error) {
	decode, err := fx.DecOptions{
		DupMapKey: fx.DupMapKeyEnforcedAPF, MaxNestedLevels: value.MaxDepth, UTF8: fx.UTF8RejectInvalid,
		IndefLength: fx.IndefLengthForbidden, TagsMd: fx.TagsAllowed, MaxArrayElements: value.MaxValues,
		MaxMapPairs: value.MaxValues,
	}.DecMode()
	if err != nil {
		return nil, err
	}
	opts := fx.EncOptions{
		Sort:            fx.SortBytewiseLexical,
		Time:            fx.TimeRFC3339Nano,
		TextMarshaler:   fx.TextMarshalerTextString,
		BinaryMarshaler: fx.BinaryMarshalerNone,
	}
	plain, err := opts.EncMode()
	if err != nil {
		return nil, err
	}
	opts.JSONMarshalerTranscoder = transcoder{plain}
	encode, err := opts.EncMode()
	return &Codec{decode, encode}, err
}

// transcoder writes types that only marshal themselves as JSON, such as json.RawMessage.
type transcoder struct{ fx.EncMode }

// Transcode implements [fx.Transcoder].
func (t transcoder) Transcode(dst io.Writer, src io.Reader) error {
	data, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	v, err := value.ParseJSON(data)
	if err != nil {
		return err
	}
	return t.NewEncoder(dst).Encode(toNative(&v))
}

// toNative converts a tree to the encoder's types, with whole numbers as integers.
func toNative(v *value.Value) any {
	switch v.Kind {
	case value.Bool:
		return v.Bool
	case value.String:
		return v.Text
	case value.Number:
		return number(v.Text)
	case value.List:
		list := make([]any, len(v.Members))
		for i := range v.Members {
			list[i] = toNative(&v.Members[i].Value)
		}
		return list
	case value.Object:
		object := make(map[string]any, len(v.Members))
		for i := range v.Members {
			object[v.Members[i].Name] = toNative(&v.Members[i].Value)
		}
		return object
	}
	return nil
}

// number returns an integer of 64 bits, or otherwise the nearest float64.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	f, _ := strconv.ParseFloat(text, 64) // infinity if out of range
	return f
}

// Marshal writes v with the names of json tags.
func (c *Codec) Marshal(v any) ([]byte, error) { return c.encode.Marshal(v) }

// Parse reads exactly one CBOR data item. The error is a [*value.SyntaxError], or [value.ErrTooMany].
//
// Threat: a body of tiny values that the decoder expands to fill memory.
func (c *Codec) Parse(data []byte) (value.Value, error) {
	if countItems(data) > value.MaxValues {
		return value.Value{}, value.ErrTooMany
	}
	var tree any
	if err := c.decode.Unmarshal(data, &tree); err != nil {
		return value.Value{}, value.Syntax("", "syntax.cbor")
	}
	return fromNative(tree)
}

// maxBits limits big numbers, whose conversion to digits takes quadratic time.
const maxBits = 256

// within adds the position of the value to an error.
func within(token string, err error) error {
	if syntax := (*value.SyntaxError)(nil); errors.As(err, &syntax) {
		syntax.Pointer = "/" + token + syntax.Pointer
	}
	return err
}

// fromNative converts the decoder's types to a tree. The error is a [*value.SyntaxError] that points into the value.
func fromNative(tree any) (value.Value, error) {
	switch t := tree.(type) {
	case nil:
		return value.Value{}, nil
	case bool:
		return value.Value{Kind: value.Bool, Bool: t}, nil
	case int64, uint64:
		return value.Value{Kind: value.Number, Text: fmt.Sprint(t)}, nil
	case big.Int:
		if t.BitLen() > maxBits {
			return value.Value{}, value.Syntax("", "syntax.cbor_large")
		}
		return value.Value{Kind: value.Number, Text: t.String()}, nil
	case float64:
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return value.Value{}, value.Syntax("", "syntax.cbor_number")
		}
		return value.Value{Kind: value.Number, Text: strconv.FormatFloat(t, 'g', -1, 64)}, nil
	case string:
		return value.Value{Kind: value.String, Text: t}, nil
	case []byte:
		return value.Value{Kind: value.Bytes, Text: string(t)}, nil
	case time.Time:
		return value.Value{Kind: value.String, Text: t.Format(time.RFC3339Nano)}, nil
	case []any:
		v := value.Value{Kind: value.List, Members: make([]value.Member, len(t))}
		for i := range t {
			var err error
			if v.Members[i].Value, err = fromNative(t[i]); err != nil {
				return v, within(strconv.Itoa(i), err)
			}
		}
		return v, nil
	case map[any]any:
		return fromMap(t)
	}
	return value.Value{}, value.Syntax("", "syntax.cbor")
}

func fromMap(m map[any]any) (value.Value, error) {
	v := value.Value{Kind: value.Object, Members: make([]value.Member, 0, len(m))}
	for key, item := range m {
		name, ok := key.(string)
		if !ok {
			return v, value.Syntax("", "syntax.cbor_name")
		}
		member, err := fromNative(item)
		if err != nil {
			return v, within(value.Escape(name), err)
		}
		v.Members = append(v.Members, value.Member{Name: name, Value: member})
	}
	slices.SortFunc(v.Members, func(a, b value.Member) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return v, nil
}
