package field

import "strings"

// aliases are what other generators and databases call our types and modifiers.
var aliases = map[string]string{
	"str": "string", "varchar": "string", "char": "string", "email": "string", "url": "string", "integer": "int",
	"int32": "int", "number": "int", "smallint": "int", "int64": "bigint", "long": "bigint", "double": "float",
	"float64": "float", "real": "float", "numeric": "decimal", "money": "decimal", "boolean": "bool", "datetime": "time",
	"timestamp": "time", "timestamptz": "time", "guid": "uuid", "jsonb": "json", "map": "json", "image": "file",
	"attachment": "file", "upload": "file", "references": "belongs_to", "reference": "belongs_to", "ref": "belongs_to",
	"belongsto": "belongs_to", "has_many": "many", "many2many": "many", "many_to_many": "many", "longtext": "text",
	"uniq": "unique", "null": "nullable", "optional": "nullable", "not_null": "required",
	"idx": "index", "default": "default=",
}

// closest returns the word that is most similar to written, or "".
func closest[T ~string](written string, words []T) string {
	lower := strings.ToLower(written)
	if word, ok := aliases[lower]; ok {
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
