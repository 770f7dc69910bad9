package config

import "strings"

// nearest returns the candidate that name most probably meant, or "".
func nearest(name string, candidates []string) string {
	best, limit := "", max(1, len(name)/3)
	for _, candidate := range candidates {
		if normalize(candidate) == normalize(name) {
			return candidate
		}
		if d := distance(strings.ToLower(name), candidate); d < limit || (d == limit && best == "") {
			best, limit = candidate, d
		}
	}
	return best
}

// normalize removes what people write differently: case and separators.
func normalize(name string) string {
	return strings.NewReplacer("_", "", "-", "", ".", "").Replace(strings.ToLower(name))
}

// distance is the Levenshtein distance of two names, a swap of neighbours counting once.
func distance(a, b string) int {
	if len(a) > maxShown || len(b) > maxShown {
		return maxShown
	}
	var before []int
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j+1]+1, current[j]+1, previous[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				current[j+1] = min(current[j+1], before[j-1]+1)
			}
		}
		before, previous = previous, current
	}
	return previous[len(b)]
}
