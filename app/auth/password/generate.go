package password

import (
	"crypto/rand"
	"strings"
)

// Generate returns a random password of at least 128 bits that can be read aloud and typed: lower-case letters and the
// digits 2 to 7, none of which looks like another, in five groups ("k3vqe-…").
func Generate() string {
	const group = 5
	letters := strings.ToLower(rand.Text()) // 26 of base32
	var b strings.Builder
	for i, r := range letters {
		if i > 0 && i%group == 0 && len(letters)-i >= group {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}
