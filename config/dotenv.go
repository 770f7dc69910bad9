package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const dotenvName = ".env"

// An assignment is one NAME=value of a .env file. Its text is data[start:end], without the line break.
type assignment struct {
	name, value string
	line        int
	start, end  int
}

// A lineProblem is a line of a .env file that cannot be read. It never holds what the line says.
type lineProblem struct {
	line    int
	problem string
}

// readDotenv reads .env into a layer of its own. Variables that the configuration does not know may belong to other
// programs and are left alone, unless they look like a misspelt one of ours.
func (l *loader) readDotenv() *layer {
	vars := newLayer()
	data, err := os.ReadFile(filepath.Join(l.opts.Dir, dotenvName))
	if errors.Is(err, fs.ErrNotExist) {
		return vars
	}
	if err != nil {
		l.faults = append(l.faults, unreadable(dotenvName, err))
		return vars
	}
	assignments, problems := parseDotenv(string(data))
	for _, p := range problems {
		l.faults = append(l.faults, Fault{Source: dotenvSource(p.line), Problem: p.problem})
	}
	for _, a := range assignments {
		l.assign(vars, a)
	}
	return vars
}

func dotenvSource(line int) string {
	return fmt.Sprintf("%s:%d", dotenvName, line)
}

func (l *loader) assign(vars *layer, a assignment) {
	source := dotenvSource(a.line)
	if a.name == envVariable {
		if a.value != "" && a.value != l.env {
			l.faults = append(l.faults, Fault{
				Key: envKey, Source: source, Value: shorten(a.value),
				Problem: ".env cannot choose the environment, because it is read in development only",
				Hint:    "Set APP_ENV in the real environment.",
			})
		}
		return
	}
	if f := l.schema.byEnv[a.name]; f != nil {
		vars.set(f.key, a.value, source)
		return
	}
	if meant := l.nearestVariable(a.name); meant != "" && !l.partial {
		l.faults = append(l.faults, Fault{
			Source: source, Problem: fmt.Sprintf("%s is not a variable of this configuration", a.name),
			Hint: fmt.Sprintf("Did you mean %s?", meant),
		})
	}
}

// nearestVariable returns the variable that a name is one typing error away from, two for long names, or "".
func (l *loader) nearestVariable(name string) string {
	for _, f := range l.schema.fields {
		allowed := 1
		if len(f.env) >= 8 {
			allowed = 2
		}
		if normalize(name) == normalize(f.env) || distance(name, f.env) <= allowed {
			return f.env
		}
	}
	return ""
}

// parseDotenv reads the lines NAME=value of a .env file. Comments start with #, "export " in front of a name is
// skipped, values in single quotes are literal, values in double quotes know \n, \t, \r, \", \\ and \$, and both may
// span lines. Nothing is expanded. A name that occurs twice is a problem.
func parseDotenv(text string) ([]assignment, []lineProblem) {
	p := &dotenvParser{text: strings.TrimPrefix(text, "\ufeff"), line: 1, seen: map[string]int{}}
	p.shift = len(text) - len(p.text)
	for p.pos < len(p.text) {
		p.statement()
	}
	return p.assignments, p.problems
}

type dotenvParser struct {
	text        string
	shift       int // length of a byte order mark before text
	pos         int
	line        int
	seen        map[string]int
	assignments []assignment
	problems    []lineProblem
}

// statement reads one line, or the lines of one quoted value.
func (p *dotenvParser) statement() {
	start, line := p.pos, p.line
	end := p.lineEnd()
	content := strings.TrimSpace(p.text[start:end])
	if content == "" || content[0] == '#' {
		p.skipTo(end)
		return
	}
	name, _, found := strings.Cut(p.text[start:end], "=")
	p.pos += min(len(name)+1, end-start)
	name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "export "))
	if !found || !isVariable(name) {
		p.problems = append(p.problems, lineProblem{line: line, problem: "expected a line such as NAME=value"})
		p.skipTo(end)
		return
	}
	value, problem := p.value()
	if problem == "" && p.seen[name] > 0 {
		problem = fmt.Sprintf("%s is set in line %d already", name, p.seen[name])
	}
	if problem != "" {
		p.problems = append(p.problems, lineProblem{line: line, problem: problem})
		p.skipTo(p.lineEnd())
		return
	}
	p.seen[name] = line
	p.assignments = append(p.assignments, assignment{
		name: name, value: value, line: line, start: p.shift + start,
		end: p.shift + len(strings.TrimRight(p.text[:p.pos], "\r")),
	})
	p.skipTo(p.lineEnd())
}

func (p *dotenvParser) lineEnd() int {
	if i := strings.IndexByte(p.text[p.pos:], '\n'); i >= 0 {
		return p.pos + i
	}
	return len(p.text)
}

// skipTo moves to the line after end, counting lines.
func (p *dotenvParser) skipTo(end int) {
	end = min(end+1, len(p.text))
	p.line += strings.Count(p.text[p.pos:end], "\n")
	p.pos = end
}

// value reads what follows the equals sign and moves behind it.
func (p *dotenvParser) value() (value, problem string) {
	end := p.lineEnd()
	rest := strings.TrimLeft(p.text[p.pos:end], " \t")
	if rest == "" || (rest[0] != '"' && rest[0] != '\'') {
		value = rest
		if i := commentStart(value); i >= 0 {
			value = value[:i]
		}
		p.pos = end
		return strings.TrimSpace(value), ""
	}
	p.pos = end - len(rest)
	value, problem = p.quoted(rest[0])
	if problem != "" {
		return "", problem
	}
	end = p.lineEnd()
	after := strings.TrimSpace(p.text[p.pos:end])
	if after != "" && after[0] != '#' {
		return "", "text follows the closing quote"
	}
	p.pos = end
	return value, ""
}

// commentStart finds a # at the start or after a space.
func commentStart(value string) int {
	if strings.HasPrefix(value, "#") {
		return 0
	}
	space, tab := strings.Index(value, " #"), strings.Index(value, "\t#")
	if space < 0 || tab < 0 {
		return max(space, tab)
	}
	return min(space, tab)
}

// quoted reads a value in quotes, which may span lines. The position is at the opening quote.
func (p *dotenvParser) quoted(quote byte) (value, problem string) {
	var b strings.Builder
	start := p.pos
	for i := start + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			p.line += strings.Count(p.text[start:i], "\n")
			p.pos = i + 1
			return b.String(), ""
		case c == '\\' && quote == '"' && i+1 < len(p.text):
			i++
			b.WriteString(unescape(p.text[i]))
		default:
			b.WriteByte(c)
		}
	}
	return "", "the closing quote is missing"
}

func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case '"', '\\', '$':
		return string(c)
	default:
		return string([]byte{'\\', c})
	}
}

// isVariable reports whether name can be the name of an environment variable.
func isVariable(name string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	return name != "" && strings.Trim(name[:1], letters) == "" && strings.Trim(name, letters+"0123456789") == ""
}
