// Package factory stores models that are valid as they are, for tests and seeds. What matters to a test it sets itself,
// in a function that is handed the model before it is stored.
package factory

import (
	"crypto/rand"
	"math"
	mathrand "math/rand/v2"
	"strings"
)

// Unique returns text that no other call returns, for columns that are unique: the prefix, a hyphen, and ten letters and
// digits.
func Unique(prefix string) string {
	return prefix + "-" + strings.ToLower(rand.Text()[:10])
}

// Number returns a number from 1 that hardly another call returns, for columns that are unique.
func Number() int { return int(mathrand.Int32N(math.MaxInt32-1)) + 1 }
