package value

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// CBOR reads and writes CBOR (RFC 8949). Make one with [NewCBOR]; it is safe for
// concurrent use.
type CBOR struct {
	decode cbor.DecMode
	encode cbor.EncMode
}

// NewCBOR returns a strict reader and a deterministic writer.
func NewCBOR() (*CBOR, error) {
	decode, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: maxDepth, UTF8: cbor.UTF8RejectInvalid,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsAllowed, MaxArrayElements: MaxValues, MaxMapPairs: MaxValues,
	}.DecMode()
	if err != nil {
		return nil, err
	}
	opts := cbor.EncOptions{Sort: cbor.SortBytewiseLexical, Time: cbor.TimeRFC3339Nano, TextMarshaler: cbor.TextMarshalerTextString, BinaryMarshaler: cbor.BinaryMarshalerNone}
	plain, err := opts.EncMode()
	if err != nil {
		return nil, err
	}
	opts.JSONMarshalerTranscoder = transcoder{plain}
	encode, err := opts.EncMode()
	return &CBOR{decode, encode}, err
}

// transcoder writes what only writes itself as JSON, such as a json.RawMessage.
type transcoder struct{ cbor.EncMode }

// Transcode implements [cbor.Transcoder].
func (t transcoder) Transcode(dst io.Writer, src io.Reader) error {
	data, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	v, err := ParseJSON(data)
	if err != nil {
		return err
	}
	return t.NewEncoder(dst).Encode(toNative(&v))
}

// toNative makes of a tree what the encoder writes, whole numbers as such.
func toNative(v *Value) any {
	switch v.Kind {
	case Number:
		if n, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			return n
		}
		if n, err := strconv.ParseUint(v.Text, 10, 64); err == nil {
			return n
		}
	case List:
		list := make([]any, len(v.Members))
		for i := range v.Members {
			list[i] = toNative(&v.Members[i].Value)
		}
		return list
	case Object:
		object := make(map[string]any, len(v.Members))
		for i := range v.Members {
			object[v.Members[i].Name] = toNative(&v.Members[i].Value)
		}
		return object
	}
	return new(state).native(v, nil)
}

// Marshal writes v. Names are those of json tags.
func (c *CBOR) Marshal(v any) ([]byte, error) { return c.encode.Marshal(v) }

// Parse reads one CBOR data item and nothing behind it. The error is a
// [*SyntaxError], or [ErrTooMany].
//
// Threat: memory filled by what the decoder makes of a body of tiny values.
func (c *CBOR) Parse(data []byte) (Value, error) {
	if countItems(data) > MaxValues {
		return Value{}, ErrTooMany
	}
	var tree any
	if err := c.decode.Unmarshal(data, &tree); err != nil {
		return Value{}, &SyntaxError{Detail: "This is no CBOR that is understood here."}
	}
	return fromNative(tree)
}

// maxBits bounds big numbers, which take time by the square of their length to
// become digits.
const maxBits = 256

// within says of an error about a value where the value is.
func within(token string, err error) error {
	if syntax := (*SyntaxError)(nil); errors.As(err, &syntax) {
		syntax.Pointer = "/" + token + syntax.Pointer
	}
	return err
}

// fromNative makes a tree of what the decoder made. The error is a [*SyntaxError]
// that points into the value.
func fromNative(tree any) (Value, error) {
	switch t := tree.(type) {
	case nil:
		return Value{}, nil
	case bool:
		return Value{Kind: Bool, Bool: t}, nil
	case int64, uint64:
		return Value{Kind: Number, Text: fmt.Sprint(t)}, nil
	case big.Int:
		if t.BitLen() > maxBits {
			return Value{}, &SyntaxError{Detail: "This number is too large."}
		}
		return Value{Kind: Number, Text: t.String()}, nil
	case float64:
		if math.IsNaN(t) || math.IsInf(t, 0) {
			return Value{}, &SyntaxError{Detail: "A number is none that JSON knows."}
		}
		return Value{Kind: Number, Text: strconv.FormatFloat(t, 'g', -1, 64)}, nil
	case string:
		return Value{Kind: String, Text: t}, nil
	case []byte:
		return Value{Kind: Bytes, Text: string(t)}, nil
	case time.Time:
		return Value{Kind: String, Text: t.Format(time.RFC3339Nano)}, nil
	case []any:
		v := Value{Kind: List, Members: make([]Member, len(t))}
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
	return Value{}, &SyntaxError{Detail: "This holds a kind of CBOR that is not understood here."}
}

func fromMap(m map[any]any) (Value, error) {
	v := Value{Kind: Object, Members: make([]Member, 0, len(m))}
	for key, item := range m {
		name, ok := key.(string)
		if !ok {
			return v, &SyntaxError{Detail: "A name is no text."}
		}
		member, err := fromNative(item)
		if err != nil {
			return v, within(escape(name), err)
		}
		v.Members = append(v.Members, Member{name, member})
	}
	slices.SortFunc(v.Members, func(a, b Member) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return v, nil
}
