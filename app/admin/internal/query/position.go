package query

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
)

// signatureBytes is the length of a signature: 120 bits cannot be guessed within the life of a key.
const signatureBytes = 15

// Signer writes positions in lists for addresses, and reads them back.
//
// Threat: values that no row has, or those of another column, to find out secrets by comparing with them.
type Signer struct {
	key []byte
}

// NewSigner returns a signer with a secret key.
func NewSigner(key []byte) Signer { return Signer{key: key} }

// sign returns the signature of a payload for one order of one list.
func (s Signer) sign(r *meta.Resource, f *meta.Field, payload string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(r.Table + "\x00" + f.Column + "\x00" + payload))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:signatureBytes])
}

// Write returns a position in the list of r ordered by f.
func (s Signer) Write(r *meta.Resource, f *meta.Field, p *store.Position) string {
	encoded, err := json.Marshal([]typed{encode(p.Value), encode(p.Key)})
	if err != nil {
		return ""
	}
	payload := base64.RawURLEncoding.EncodeToString(encoded)
	return payload + "." + s.sign(r, f, payload)
}

// Read returns the position that Write wrote. It reports false for any other text, list or order.
func (s Signer) Read(r *meta.Resource, f *meta.Field, text string) (*store.Position, bool) {
	payload, signature, _ := strings.Cut(text, ".")
	if !hmac.Equal([]byte(signature), []byte(s.sign(r, f, payload))) {
		return nil, false
	}
	encoded, err := base64.RawURLEncoding.DecodeString(payload)
	var pair [2]typed
	if err != nil || json.Unmarshal(encoded, &pair) != nil {
		return nil, false
	}
	return &store.Position{Value: pair[0].decode(), Key: pair[1].decode()}, true
}

// typed is a value of a column with its type, which JSON alone would lose.
type typed struct {
	Type string `json:"t"`
	Text string `json:"v,omitempty"`
}

func encode(value any) typed {
	switch v := value.(type) {
	case int64:
		return typed{"i", strconv.FormatInt(v, 10)}
	case uint64:
		return typed{"u", strconv.FormatUint(v, 10)}
	case float64:
		return typed{"f", strconv.FormatFloat(v, 'g', -1, 64)}
	case bool:
		return typed{"b", strconv.FormatBool(v)}
	case time.Time:
		return typed{"t", v.Format(time.RFC3339Nano)}
	case []byte:
		return typed{"x", base64.RawStdEncoding.EncodeToString(v)}
	case string:
		return typed{"s", v}
	}
	return typed{Type: "n"}
}

// decode ignores errors: the signature tells that encode wrote the text.
func (t typed) decode() any {
	switch t.Type {
	case "i":
		v, _ := strconv.ParseInt(t.Text, 10, 64)
		return v
	case "u":
		v, _ := strconv.ParseUint(t.Text, 10, 64)
		return v
	case "f":
		v, _ := strconv.ParseFloat(t.Text, 64)
		return v
	case "b":
		return t.Text == "true"
	case "t":
		v, _ := time.Parse(time.RFC3339Nano, t.Text)
		return v.UTC()
	case "x":
		v, _ := base64.RawStdEncoding.DecodeString(t.Text)
		return v
	case "s":
		return t.Text
	}
	return nil
}
