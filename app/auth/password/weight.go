package password

// minWeight is how many unforeseeable parts a password needs.
const minWeight = 8

// What a part of a password weighs. A word from the list of ten thousand is worth about as much as three characters;
// what was there before, or follows from it, hardly anything.
const (
	weightCharacter = 1
	weightWord      = 3
	weightSequence  = 2
	weightYear      = 2
	weightCopy      = 1
	weightPersonal  = 0
)

const (
	minWord     = 4
	minSequence = 3
	maxWord     = 32
)

// keyboards are the rows of keyboards, and other walks across them that people take for random.
var keyboards = [...]string{
	"1234567890-=", "!@#$%^&*()_+", "!\"§$%&/()=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./",
	"qwertzuiopü", "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
}

// weight returns the least weight of all ways to cut the folded password text into parts.
func weight(text string, words, personal map[string]bool) int {
	s := []rune(text)
	spellings := spellingsOf(s)
	least := make([]int, len(s)+1)
	for i := range s {
		least[i+1] = len(s) + 1
	}
	for i := range s {
		relax := func(length, weight int) {
			least[i+length] = min(least[i+length], least[i]+weight)
		}
		relax(1, weightCharacter)
		for _, spelling := range spellings {
			relaxWords(spelling[i:], words, personal, relax)
		}
		for n := minSequence; n <= sequence(s[i:]); n++ {
			relax(n, weightSequence)
		}
		if isYear(s[i:]) {
			relax(4, weightYear)
		}
		for distance := 1; distance <= i; distance++ {
			for n := 0; i+n < len(s) && s[i+n] == s[i+n-distance]; n++ {
				relax(n+1, weightCopy)
			}
		}
	}
	return least[len(s)]
}

func relaxWords(s []rune, words, personal map[string]bool, relax func(length, weight int)) {
	for n := minSequence; n <= min(len(s), maxWord); n++ {
		word := string(s[:n])
		if n >= minWord && words[word] {
			relax(n, weightWord)
		}
		if personal[word] {
			relax(n, weightPersonal)
		}
	}
}

// spellingsOf returns s and what it reads as when digits stand for letters.
func spellingsOf(s []rune) [][]rune {
	replaced := map[rune]rune{'0': 'o', '3': 'e', '4': 'a', '@': 'a', '5': 's', '$': 's', '7': 't', '8': 'b', '9': 'g'}
	spellings := [][]rune{s}
	for _, one := range []rune{'i', 'l'} {
		spelling := make([]rune, len(s))
		for i, r := range s {
			switch letter, ok := replaced[r]; {
			case ok:
				spelling[i] = letter
			case r == '1' || r == '!' || r == '|':
				spelling[i] = one
			default:
				spelling[i] = r
			}
		}
		spellings = append(spellings, spelling)
	}
	return spellings
}

// sequence returns how many runes from the start of s follow one another, in the alphabet or on a keyboard.
func sequence(s []rune) int {
	longest := max(alphabetic(s, 1), alphabetic(s, -1))
	for _, keys := range keyboards {
		longest = max(longest, walk(s, []rune(keys), 1), walk(s, []rune(keys), -1))
	}
	return longest
}

func alphabetic(s []rune, step rune) int {
	n := 1
	for n < len(s) && (s[n] == s[n-1]+step || step == 1 && s[n-1] == '9' && s[n] == '0' || step == -1 && s[n-1] == '0' && s[n] == '9') {
		n++
	}
	return n
}

func walk(s, keys []rune, step int) int {
	longest := 0
	for at := range keys {
		n := 0
		for k := at; n < len(s) && k >= 0 && k < len(keys) && keys[k] == s[n]; k += step {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

// isYear reports whether s starts with a year of the last or this century.
func isYear(s []rune) bool {
	if len(s) < 4 || string(s[:2]) != "19" && string(s[:2]) != "20" {
		return false
	}
	return '0' <= s[2] && s[2] <= '9' && '0' <= s[3] && s[3] <= '9'
}
