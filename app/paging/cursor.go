package paging

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// macLength is the length of a signature in bytes. 128 bits cannot be guessed.
const macLength = 16

var errCursor = errors.New("invalid cursor")

// mac signs a cursor for one order of one table.
func (o *order) mac(key, payload []byte) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "cursor\x00%s\x00%s\x00%v\x00", o.table, o.column.DBName, o.ascending)
	_, _ = h.Write(payload) // never fails (hash.Hash)
	return h.Sum(nil)[:macLength]
}

// seal returns the cursor of a place, or "" at an end of the list.
func (o *order) seal(key []byte, at place) string {
	if at.row == nil {
		return ""
	}
	payload, err := json.Marshal([3]any{at.backward, at.row.value, at.row.key})
	if err != nil {
		return "" // no type of a sortable column
	}
	return base64.RawURLEncoding.EncodeToString(append(o.mac(key, payload), payload...))
}

// open returns the place of a cursor.
//
// Threat: a client forges values that no row has, to compare secrets or to cause database errors.
func (o *order) open(key []byte, cursor string) (place, error) {
	switch cursor = strings.TrimSpace(cursor); cursor {
	case "", First:
		return place{}, nil
	case Last:
		return place{backward: true}, nil
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(data) < macLength || len(key) == 0 ||
		!hmac.Equal(data[:macLength], o.mac(key, data[macLength:])) {
		return place{}, errCursor
	}
	at := place{row: &position{}}
	value, id := reflect.New(o.column.FieldType), reflect.New(o.key.FieldType)
	if err := json.Unmarshal(data[macLength:], &[3]any{&at.backward, value.Interface(), id.Interface()}); err != nil {
		return place{}, errors.Join(errCursor, err)
	}
	at.row.value, at.row.key = value.Elem().Interface(), id.Elem().Interface()
	return at, nil
}
