package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size in bytes that is written with a unit: "512B", "64KiB", "10MB", "1.5GB". KB, MB, GB and TB are powers
// of 1000; KiB, MiB, GiB and TiB are powers of 1024. A number without a unit counts bytes. Case does not matter.
type Bytes int64

var errBytes = errors.New("expected a size such as 10MB or 512KiB")

// Units from the largest to the smallest, as String tries them.
var byteUnits = []struct {
	name string
	size Bytes
}{
	{"TiB", 1 << 40},
	{"TB", 1e12},
	{"GiB", 1 << 30},
	{"GB", 1e9},
	{"MiB", 1 << 20},
	{"MB", 1e6},
	{"KiB", 1 << 10},
	{"KB", 1e3},
	{"B", 1},
}

// ParseBytes reads a size such as "10MB". Negative sizes and sizes that do not fit an int64 are errors.
func ParseBytes(text string) (Bytes, error) {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	size, ok := byteUnit(text[len(number):])
	number = strings.TrimSpace(number)
	if !ok || number == "" || strings.Trim(number, "0123456789.") != "" {
		return 0, errBytes
	}
	if whole, err := strconv.ParseInt(number, 10, 64); err == nil {
		if whole > math.MaxInt64/int64(size) {
			return 0, fmt.Errorf("%w: the size is too large", errBytes)
		}
		return Bytes(whole) * size, nil
	}
	fraction, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, errBytes
	}
	product := math.Round(fraction * float64(size))
	if product >= math.MaxInt64 {
		return 0, fmt.Errorf("%w: the size is too large", errBytes)
	}
	return Bytes(product), nil
}

func byteUnit(name string) (Bytes, bool) {
	if name == "" {
		return 1, true
	}
	for _, unit := range byteUnits {
		if strings.EqualFold(unit.name, name) {
			return unit.size, true
		}
	}
	return 0, false
}

// String writes the size with the largest unit that divides it, so that ParseBytes reads the same size again.
func (b Bytes) String() string {
	for _, unit := range byteUnits {
		if b != 0 && b%unit.size == 0 {
			return strconv.FormatInt(int64(b/unit.size), 10) + unit.name
		}
	}
	return "0B"
}

// UnmarshalText implements encoding.TextUnmarshaler with [ParseBytes].
func (b *Bytes) UnmarshalText(text []byte) error {
	size, err := ParseBytes(string(text))
	if err != nil {
		return err
	}
	*b = size
	return nil
}

// MarshalText implements encoding.TextMarshaler with [Bytes.String].
func (b Bytes) MarshalText() ([]byte, error) {
	return []byte(b.String()), nil
}
