package schema

import (
	"regexp"
	"strings"
)

// token is a part of a statement.
type token struct {
	kind kind
	text string // without quotes; a word in upper case, as keywords are compared
	name string // the text in lower case, as names are compared
}

type kind int

const (
	word    kind = iota // a keyword, or a name without quotes
	quoted              // a name in quotes
	literal             // a text, or a body between $$
	symbol              // a character, such as ( or ;
	begin               // +goose StatementBegin
	end                 // +goose StatementEnd
)

// lexeme matches a comment, a text, a name in quotes, a word, or another character.
var lexeme = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|` + "`[^`]*`" +
	`|\[[A-Za-z_]\w*\]|[\p{L}_][\p{L}\p{N}_$]*|\S`)

// bodyStart matches the beginning of a body in dollars: $$ or $tag$.
var bodyStart = regexp.MustCompile(`^\$[A-Za-z_]*\$`)

// tokens splits the statements of a migration's first part, those between "+goose Up" and "+goose Down".
func tokens(content string) []token {
	var list []token
	up := false
	for content != "" {
		if tag := bodyStart.FindString(content); tag != "" {
			if length := strings.Index(content[len(tag):], tag); length >= 0 {
				if up {
					list = append(list, token{kind: literal, name: strings.ToLower(content[len(tag) : len(tag)+length])})
				}
				content = content[2*len(tag)+length:]
				continue
			}
		}
		at := lexeme.FindStringIndex(content)
		if at == nil {
			break
		}
		text := content[at[0]:at[1]]
		if strings.HasPrefix(text, "$") && at[0] > 0 { // it may begin a body
			content = content[at[0]:]
			continue
		}
		content = content[at[1]:]
		if strings.HasPrefix(text, "--") {
			switch command := strings.ToLower(strings.TrimSpace(text[2:])); command {
			case "+goose up":
				up = true
			case "+goose down":
				return list
			case "+goose statementbegin":
				list = append(list, token{kind: begin})
			case "+goose statementend":
				list = append(list, token{kind: end})
			}
			continue
		}
		if up && !strings.HasPrefix(text, "/*") {
			list = append(list, newToken(text))
		}
	}
	return list
}

func newToken(text string) token {
	switch first := text[0]; {
	case first == '\'' && len(text) > 1:
		return token{kind: literal, name: strings.ToLower(text)}
	case (first == '"' || first == '`' || first == '[') && len(text) > 1:
		text = text[1 : len(text)-1]
		return token{kind: quoted, text: text, name: strings.ToLower(text)}
	case len(text) == 1 && !isLetter(first):
		return token{kind: symbol, text: text, name: text}
	default:
		return token{kind: word, text: strings.ToUpper(text), name: strings.ToLower(text)}
	}
}

// isEnd reports whether the token is a semicolon.
func (t token) isEnd() bool { return t.kind == symbol && t.text == ";" }

func isLetter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// statements splits tokens at semicolons. What stands between StatementBegin and StatementEnd is one statement.
func statements(list []token) [][]token {
	var all [][]token
	var current []token
	block := false
	flush := func() {
		for len(current) > 0 && current[len(current)-1].isEnd() {
			current = current[:len(current)-1]
		}
		if len(current) > 0 {
			all = append(all, current)
		}
		current = nil
	}
	for _, t := range list {
		switch {
		case t.kind == begin || t.kind == end:
			flush()
			block = t.kind == begin
		case t.isEnd() && !block:
			flush()
		default:
			current = append(current, t)
		}
	}
	flush()
	return all
}
