package scaffold

import (
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// A NameError reports an invalid name of an application.
type NameError struct {
	// Name is the name refused.
	Name string
	// Problem says why: "it must start with a letter".
	Problem string
	// Suggestion is a similar name that is accepted.
	Suggestion string
}

// Error says what is wrong with the name. It does not include the suggestion.
func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be the name of an application: %s", e.Name, e.Problem)
}

const maxName = 40

// Names that mean something to the go command or to Covet itself.
var reservedNames = []string{
	"all", "cmd", "covet", "example", "internal", "main", "std", "test", "testdata",
	"tool", "vendor", "work",
}

// CheckName returns a [*NameError] unless name can be the name of an application: lower-case letters, digits and
// dashes, starting with a letter, and not a word that the go command reserves.
func CheckName(name string) error {
	if problem := nameProblem(name); problem != "" {
		return &NameError{Name: name, Problem: problem, Suggestion: suggestName(name)}
	}
	return nil
}

func nameProblem(name string) string {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	switch {
	case name == "":
		return "it is empty"
	case strings.Trim(name, letters+"0123456789-") != "" || hasCharOutside(name, letters+"0123456789-"):
		return "only lower-case letters, digits and dashes are allowed"
	case !strings.Contains(letters, name[:1]):
		return "it must start with a letter"
	case strings.HasSuffix(name, "-") || strings.Contains(name, "--"):
		return "single dashes are allowed between letters or digits"
	case len(name) > maxName:
		return fmt.Sprintf("it is longer than %d characters", maxName)
	case slices.Contains(reservedNames, name) || token.IsKeyword(name):
		return "Go or Covet reserves it"
	case module.CheckFilePath(name) != nil:
		return "some operating systems reserve it"
	default:
		return ""
	}
}

func hasCharOutside(name, allowed string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(allowed, r) })
}

// suggestName makes an acceptable name out of a refused one.
func suggestName(name string) string {
	fields := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	suggestion := strings.TrimLeft(strings.Join(fields, "-"), "0123456789-")
	if len(suggestion) > maxName {
		suggestion = strings.TrimRight(suggestion[:maxName], "-")
	}
	if suggestion == "" {
		return "blog"
	}
	if nameProblem(suggestion) != "" {
		return suggestion + "-app"
	}
	return suggestion
}

// title is the name for people: "my-blog" is "My Blog".
func title(name string) string {
	words := strings.Split(name, "-")
	for i, word := range words {
		if word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, " ")
}

// First elements of the import paths of the standard library, which a module path must not start with.
var standardLibrary = strings.Fields(`
	archive arena bufio builtin bytes cmp compress container context crypto database debug embed encoding errors expvar
	flag fmt go hash html image index internal io iter log maps math mime net os path plugin reflect regexp runtime
	simd slices sort strconv strings structs sync syscall testing text time unicode unique unsafe uuid weak`)

// A ModuleError refuses the path of a module.
type ModuleError struct {
	// Path is the path refused.
	Path string
	// Problem says why.
	Problem string
}

// Error says what is wrong with the path.
func (e *ModuleError) Error() string {
	return fmt.Sprintf("%q cannot be the path of a Go module: %s", e.Path, e.Problem)
}

// CheckModule returns a [*ModuleError] unless path can be the path of the application's Go module.
func CheckModule(path string) error {
	if problem := moduleProblem(path); problem != "" {
		return &ModuleError{Path: path, Problem: problem}
	}
	return nil
}

func moduleProblem(path string) string {
	first, _, _ := strings.Cut(path, "/")
	_, _, versionAllowed := module.SplitPathVersion(path)
	err := module.CheckImportPath(path)
	var invalid *module.InvalidPathError
	if errors.As(err, &invalid) {
		err = invalid.Err
	}
	switch {
	case err != nil:
		return err.Error()
	case slices.Contains(standardLibrary, first):
		return first + " is a package of Go's standard library"
	case slices.Contains(reservedNames, first):
		return "Go or Covet reserves " + first
	case path == libraryPath || strings.HasPrefix(path, libraryPath+"/"):
		return "it is the module of Covet"
	case !versionAllowed:
		return "it ends in an invalid version"
	default:
		return ""
	}
}
