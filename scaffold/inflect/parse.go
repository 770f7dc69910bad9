package inflect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// An Error reports an invalid name.
type Error struct {
	// Name is the invalid name.
	Name string
	// Problem says why: "it starts with a digit".
	Problem string
	// Suggestion is a similar name that is accepted, or empty for a name in another script.
	Suggestion string
}

// Error says what is wrong with the name, what is allowed, and what may have been meant.
func (e *Error) Error() string {
	text := fmt.Sprintf("%q cannot be the name of a resource: %s; a name consists of letters, digits, _ and -, starting with a letter, "+
		"optionally with a namespace and a slash, such as post, BlogPost, blog_post or shop/product", e.Name, e.Problem)
	if e.Suggestion != "" {
		text += fmt.Sprintf("; %q would do", e.Suggestion)
	}
	return text
}

const (
	// longestIdentifier is what PostgreSQL keeps of an identifier, in bytes.
	longestIdentifier = 63
	// longestName bounds the work for names of which the identifiers would be too long anyway.
	longestName = 2 * longestIdentifier
)

// Parse returns the names of what a person calls name: one or several, in snake, kebab or camel case, after a namespace
// and a slash if it shall have one. The variables are none of those taken, nor what the templates use themselves. A
// name that cannot be used everywhere is refused with an [*Error].
func Parse(name string, taken ...string) (Name, error) {
	n, problem := parse(name, taken)
	if problem != "" {
		return Name{}, &Error{Name: name, Problem: problem, Suggestion: suggest(name)}
	}
	return n, nil
}

// ParseModel is [Parse] for a model that exists, so that names are allowed which no new resource may have: user.
func ParseModel(name string, taken ...string) (Name, error) {
	n, _, problem := derive(name, taken)
	if problem != "" {
		return Name{}, &Error{Name: name, Problem: problem, Suggestion: suggest(name)}
	}
	return n, nil
}

func parse(name string, taken []string) (n Name, problem string) {
	n, namespace, problem := derive(name, taken)
	if problem != "" {
		return Name{}, problem
	}
	return n, n.conflict(namespace)
}

// derive returns the names, and the folder of the namespace, or says why there are none.
func derive(name string, taken []string) (n Name, namespace, problem string) {
	if problem := spellingProblem(name); problem != "" {
		return Name{}, "", problem
	}
	before, last, found := strings.Cut(name, "/")
	if !found {
		before, last = "", name
	}
	n = newName(strings.Join(Words(before), "_"), singularOf(Words(last)), taken)
	if longest := "idx_" + n.Table + "_created_at_id"; len(longest) > longestIdentifier {
		problem = fmt.Sprintf("its index %s has %d bytes; PostgreSQL allows %d", longest, len(longest), longestIdentifier)
	}
	return n, strings.Join(Words(before), ""), problem
}

// singularOf repeats [Singular] until it changes nothing, so that what it returns is read as itself.
func singularOf(words []string) string {
	name := strings.Join(words, "_")
	for range 4 {
		singular := Singular(name)
		if singular == name {
			break
		}
		name = singular
	}
	return name
}

func spellingProblem(name string) string {
	if name == "" {
		return "it is empty"
	}
	if len(name) > longestName {
		return fmt.Sprintf("it has %d bytes, and identifiers with it would be too long for PostgreSQL", len(name))
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r != '/' && !allowed(r) }) {
		return "it contains other characters"
	}
	if strings.Count(name, "/") > 1 {
		return "it has more than one slash"
	}
	for part := range strings.SplitSeq(name, "/") {
		switch part = strings.Trim(part, "_-"); {
		case part == "" && strings.Contains(name, "/"):
			return "one side of the slash is empty"
		case part == "":
			return "it has no letters"
		case isDigit(part[0]):
			return "it starts with a digit"
		}
	}
	return ""
}

func allowed(r rune) bool {
	return r == '_' || r == '-' || (r < 0x80 && (isUpper(byte(r)) || isLower(byte(r)) || isDigit(byte(r))))
}

// conflict returns what the derived names mean already, or "". The namespace is its folder.
func (n Name) conflict(namespace string) string {
	if reason, ok := reserved[n.Snake]; ok {
		return reason
	}
	for prefix, owner := range tables {
		if strings.HasPrefix(n.Table, prefix) {
			return "tables that begin with " + prefix + " belong to " + owner
		}
	}
	if problem := deviceProblem(namespace); problem != "" {
		return problem
	}
	if n.Package == "models" {
		return "the code of every resource uses the package models"
	}
	folder := n.Package
	if namespace != "" {
		folder = namespace
	}
	if reason, ok := folders[folder]; ok {
		return reason
	}
	return FileProblem(n.Snake)
}

// FileProblem says why a Go file cannot have a name in snake case, without .go: because Go compiles it only for tests
// or for a platform, or because Windows has a device of the name. It is empty for other names.
func FileProblem(snake string) string {
	if problem := deviceProblem(snake); problem != "" {
		return problem
	}
	words := strings.Split(snake, "_")
	if last := words[len(words)-1]; len(words) > 1 && (last == "test" || slices.Contains(platforms, last)) {
		return fmt.Sprintf("Go compiles a file %s.go only %s", snake, buildConstraint(last))
	}
	return ""
}

var device = regexp.MustCompile(`^(con|prn|aux|nul|(com|lpt)[0-9])$`)

// deviceProblem refuses names that nobody could check out on Windows.
func deviceProblem(name string) string {
	if device.MatchString(name) {
		return "Windows reserves that name, so no file or folder can be called " + name
	}
	return ""
}

func buildConstraint(word string) string {
	if word == "test" {
		return "for tests"
	}
	return "for " + word
}

var (
	// tables are the beginnings of names of tables that others make.
	tables = map[string]string{"covet_": "Covet", "goose_": "the migrations", "sqlite_": "SQLite"}
	// reserved are types that an application has from the beginning.
	reserved = map[string]string{
		"user":        "accounts already use that model; add fields with a migration",
		"covet":       "the tables of Covet begin with it",
		"audit_entry": "Covet has a model of that name",
		"factory":     "models/factory has a file of that name",
	}
	// folders are folders below app, and first elements of addresses, that mean something else.
	folders = map[string]string{
		"about":   "app/about contains the first endpoints of the application",
		"account": "addresses under /account belong to accounts",
		"admin":   "addresses under /admin belong to the admin", "api": "addresses under /api belong to the API",
		"assets":   "app/assets and addresses under /assets are static files",
		"commands": "app/commands has the commands",
		"contact":  "app/contact is the contact form", "covet": "Covet uses the name itself",
		"dev": "addresses under /dev are for development", "docs": "the address /docs is the documentation of the API",
		"factory": "models/factory makes the data of tests", "health": "the address /health is for monitoring",
		"internal": "Go gives folders of that name a meaning", "login": "the address /login is where people sign in",
		"logout": "the address /logout is where people sign out", "mails": "app/mails has the mails",
		"password": "addresses under /password belong to accounts", "profile": "app/profile is the page of the person",
		"ready": "the address /ready is for monitoring", "seeds": "app/seeds has the first data",
		"signup": "the address /signup is where people sign up", "static": "it is usual for files",
		"storage": "app/storage has uploaded files", "testdata": "Go ignores folders of that name",
		"vendor": "Go gives folders of that name a meaning", "views": "app/views has the layout of pages",
	}
	// platforms are the words that Go takes for a build constraint at the end of a file's name.
	platforms = strings.Fields(`
		386 aix amd64 amd64p32 android arm arm64 arm64be armbe darwin dragonfly freebsd hurd illumos ios js linux loong64
		mips mips64 mips64le mips64p32 mips64p32le mipsle nacl netbsd openbsd plan9 ppc ppc64 ppc64le riscv riscv64 s390
		s390x solaris sparc sparc64 unix wasip1 wasm windows zos`)
)

// stripAccents removes accents from letters.
func stripAccents(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name))
}

// suggest makes an acceptable name out of a refused one, unless it would lose letters.
func suggest(name string) string {
	name = stripAccents(name)
	if strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 && unicode.IsLetter(r) }) {
		return ""
	}
	name = name[:min(len(name), longestIdentifier)]
	name = strings.Map(func(r rune) rune {
		if r == '/' || allowed(r) {
			return r
		}
		return '-'
	}, name)
	var parts []string
	for part := range strings.SplitSeq(name, "/") {
		if words := Words(strings.TrimLeft(part, "0123456789-_")); len(words) > 0 {
			parts = append(parts, strings.Join(words, "_"))
		}
	}
	if len(parts) > 2 {
		parts = []string{parts[0], parts[len(parts)-1]}
	}
	candidate := strings.Join(parts, "/")
	for _, candidate := range []string{
		candidate, strings.ReplaceAll(candidate, "/", "_"), "site_" + candidate,
		candidate + "_item", firstWord(candidate),
	} {
		if _, problem := parse(candidate, nil); problem == "" {
			return candidate
		}
	}
	return "post"
}

func firstWord(name string) string {
	word, _, _ := strings.Cut(name, "_")
	return word
}
