package field

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	// maxPrecision is how many digits every database but SQLite keeps of a decimal.
	maxPrecision = 38
	// maxScale is how many of them MySQL has behind the point.
	maxScale = 30
	// longestString is the size of a string in characters, and longestValue that of a value of an enum.
	longestString, longestValue = 255, 64
)

var digitsPattern = regexp.MustCompile(`^([0-9]{1,3}),([0-9]{1,3})$`)

// digits reads the precision and scale of a decimal.
func (p *parser) digits(f *Field, text string, at int) error {
	match := digitsPattern.FindStringSubmatch(text)
	if match == nil {
		return p.fail(at, "a decimal requires its digits and those after the decimal point", "decimal(10,2)")
	}
	f.Precision, _ = strconv.Atoi(match[1])
	f.Scale, _ = strconv.Atoi(match[2])
	switch {
	case f.Precision < 1 || f.Precision > maxPrecision:
		return p.fail(at, fmt.Sprintf("a decimal has 1 to %d digits", maxPrecision), "")
	case f.Scale > f.Precision:
		return p.fail(at, fmt.Sprintf("a decimal of %d digits cannot have %d after the decimal point", f.Precision, f.Scale), "")
	case f.Scale > maxScale:
		return p.fail(at, fmt.Sprintf("a decimal has at most %d digits after the decimal point", maxScale), "")
	}
	return nil
}

// size reads the maximum length of a string.
func (p *parser) size(f *Field, text string, at int) error {
	size, err := strconv.Atoi(text)
	if err != nil || size < 1 || size > longestString {
		return p.fail(at, fmt.Sprintf("a string has at most %d characters; use text for longer ones", longestString), "")
	}
	if size < longestString {
		f.Size = size
	}
	return nil
}

// values reads the values of an enum.
func (p *parser) values(f *Field, text string, at int) error {
	f.Values = strings.Split(text, ",")
	if len(f.Values) < 2 {
		return p.fail(at, "an enum requires at least two values", "enum(draft,live)")
	}
	for i, value := range f.Values {
		switch {
		case !namePattern.MatchString(value):
			return p.fail(at, fmt.Sprintf("the value %q must consist of lower-case letters, digits and _, starting with a letter", value),
				snake(value))
		case len(value) > longestValue:
			return p.fail(at, fmt.Sprintf("a value has at most %d characters", longestValue), "")
		case slices.Contains(f.Values[:i], value):
			return p.fail(at, "the value "+value+" is listed twice", "")
		}
		at += len(value) + 1
	}
	return nil
}

// defaultValue reads the value of rows that are given none.
func (p *parser) defaultValue(f *Field, value string, at int) error {
	if !f.Word().allows("d") {
		return p.fail(at, modifierProblem(f.Word(), "default"), "")
	}
	at += len(":default=")
	problem, suggestion := f.valueProblem(value)
	if problem != "" {
		return p.fail(at, problem, suggestion)
	}
	f.Default = &value
	return nil
}

// valueProblem returns why a value is invalid for the field's type, or "".
func (f *Field) valueProblem(value string) (problem, suggestion string) {
	switch f.Type {
	case String, Text:
		if f.Format == Color && !colorPattern.MatchString(value) {
			return "a color is written #1f6f5c, in small letters", ""
		}
		return f.textProblem(value)
	case Int, BigInt, Float:
		return numberProblem(value, f.Type), ""
	case Decimal:
		return f.decimalProblem(value), ""
	case Bool:
		if value != "true" && value != "false" {
			return "a bool is true or false", ""
		}
	case Date:
		return layoutProblem(value, "a date must have the form 2006-01-02", time.DateOnly), ""
	case Time:
		return layoutProblem(value, "a time must have the form 2006-01-02T15:04:05Z", time.RFC3339), ""
	case UUID:
		if !uuidPattern.MatchString(value) {
			return "a uuid must have the form 00000000-0000-0000-0000-000000000000, in lower case", ""
		}
	case JSON:
		if !json.Valid([]byte(value)) {
			return "it is not JSON", ""
		}
		return unsafeProblem(value), ""
	case Enum:
		if !slices.Contains(f.Values, value) {
			return fmt.Sprintf("%q is not one of %s", value, strings.Join(f.Values, ", ")), closest(value, f.Values)
		}
	}
	return "", ""
}

var (
	uuidPattern    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	colorPattern   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	decimalPattern = regexp.MustCompile(`^-?([0-9]+)(?:\.([0-9]+))?$`)
	integerPattern = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)
	floatPattern   = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?$`)
)

func (f *Field) textProblem(value string) (problem, suggestion string) {
	if f.Type == String && utf8.RuneCountInString(value) > f.MaxLength() {
		return fmt.Sprintf("a string has at most %d characters", f.MaxLength()), string(Text)
	}
	return unsafeProblem(value), ""
}

// unsafeProblem returns why a text cannot be in a migration, or "": databases disagree about backslashes, and the
// parser of migrations takes a semicolon or a comment for the end of a statement, also within quotes.
func unsafeProblem(value string) string {
	switch {
	case !utf8.ValidString(value):
		return "it is not UTF-8"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "it has control characters"
	case strings.ContainsAny(value, `\;`) || strings.Contains(value, "--"):
		return `a default has no backslash, semicolon or --`
	}
	return ""
}

func numberProblem(value string, t Type) string {
	switch t {
	case Int:
		if _, err := strconv.ParseInt(value, 10, 32); err != nil || !integerPattern.MatchString(value) {
			return fmt.Sprintf("an int must be a whole number from %d to %d; use bigint for larger ones", math.MinInt32, math.MaxInt32)
		}
	case BigInt:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil || !integerPattern.MatchString(value) {
			return "a bigint must be a whole number of 64 bits"
		}
	default:
		if _, err := strconv.ParseFloat(value, 64); err != nil || !floatPattern.MatchString(value) {
			return "a float must be a number such as 1.5 or 2e10"
		}
	}
	return ""
}

func (f *Field) decimalProblem(value string) string {
	match := decimalPattern.FindStringSubmatch(value)
	if match == nil {
		return "a decimal must be a number such as 12.50"
	}
	whole := strings.TrimLeft(match[1], "0")
	if len(whole) > f.Precision-f.Scale || len(match[2]) > f.Scale {
		return fmt.Sprintf("it does not fit into decimal(%d,%d)", f.Precision, f.Scale)
	}
	return ""
}

func layoutProblem(value, problem, layout string) string {
	at, err := time.Parse(layout, value)
	if err != nil {
		return problem
	}
	if year := at.UTC().Year(); year < 1000 || year > 9999 {
		return "the year must be between 1000 and 9999"
	}
	return ""
}
