package field

import "strings"

// modifierAliases are what other generators call our modifiers.
var modifierAliases = map[string]string{
	"uniq": "unique", "null": "nullable", "optional": "nullable", "not_null": "required", "idx": "index", "default": "default=",
}

// closest returns the word that is most similar to written, or "".
func closest[T ~string](written string, words []T) string {
	lower := strings.ToLower(written)
	if word, ok := modifierAliases[lower]; ok {
		for _, known := range words {
			if string(known) == word {
				return word
			}
		}
	}
	best, distance := "", 3
	for _, word := range words {
		if d := levenshtein(lower, string(word)); d < distance && d < len(word) {
			best, distance = string(word), d
		}
	}
	return best
}

// levenshtein counts the letters that have to be put in, left out or changed.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
