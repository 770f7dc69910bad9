// Package factory stores valid models for tests and seeds. Pass a function to set the fields that matter to a test
// before the model is stored.
package factory

import (
	"crypto/rand"
	"math"
	mathrand "math/rand/v2"
	"strings"
)

// Unique returns a unique text for unique columns: the prefix, a hyphen, and ten random letters and digits.
func Unique(prefix string) string {
	return prefix + "-" + strings.ToLower(rand.Text()[:10])
}

// Number returns a random number from 1 for unique columns.
func Number() int { return int(mathrand.Int32N(math.MaxInt32-1)) + 1 }
