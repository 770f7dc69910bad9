package scaffold

import (
	"go/scanner"
	"go/token"

	templparser "github.com/a-h/templ/parser/v2"
)

// ViewPlace returns the place in a template that a place in its generated code comes from. Lines and columns count from 1,
// columns in bytes; column 0 is unknown. It reports false for code that no part of the template stands for, and for code
// that was generated from another text.
func ViewPlace(template File, code []byte, line, column int) (sourceLine, sourceColumn int, known bool) {
	generated, places, err := generateView(template, "")
	if err != nil {
		return 0, 0, false
	}
	// Formatting moves tokens and keeps their order, except among imports.
	formatted, tokens := tokensOf(code), tokensOf(generated)
	if len(formatted) != len(tokens) {
		return 0, 0, false
	}
	for i, at := range formatted {
		if at.line != line || at.column+len(at.text) <= column {
			continue
		}
		target, ok := counterpart(tokens, i, at)
		if !ok {
			return 0, 0, false
		}
		source, ok := sourceOf(places, target.line, target.column+max(column-at.column, 0))
		if !ok && column >= at.column {
			source, ok = repeated(places, tokens, at.text)
		}
		if ok {
			return int(source.Line) + 1, int(source.Col) + 1, true
		}
	}
	return 0, 0, false
}

// codeToken is a token of Go with its place.
type codeToken struct {
	text         string
	line, column int
}

// tokensOf returns the tokens of code, without the semicolons that end lines.
func tokensOf(code []byte) []codeToken {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, code, func(token.Position, string) {}, 0)
	var tokens []codeToken
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			return tokens
		}
		if tok == token.SEMICOLON {
			continue
		}
		if text == "" {
			text = tok.String()
		}
		at := file.Position(pos)
		tokens = append(tokens, codeToken{text, at.Line, at.Column})
	}
}

// counterpart returns the token that stands for another one at the same index, or if they differ the only one with its text.
func counterpart(tokens []codeToken, i int, of codeToken) (found codeToken, ok bool) {
	if tokens[i].text == of.text {
		return tokens[i], true
	}
	for _, candidate := range tokens {
		if candidate.text == of.text {
			if ok {
				return codeToken{}, false
			}
			found, ok = candidate, true
		}
	}
	return found, ok
}

// sourceOf returns the place in a template that a place in its code comes from, if an expression covers it or ends before it
// on the same line.
func sourceOf(places *templparser.SourceMap, line, column int) (templparser.Position, bool) {
	return places.SourcePositionFromTarget(uint32(line-1), uint32(column-1)) //nolint:gosec // places in a file
}

// repeated returns the only place in a template where a token stands: templ writes some expressions twice, and knows the
// place of one.
func repeated(places *templparser.SourceMap, tokens []codeToken, text string) (found templparser.Position, ok bool) {
	for _, candidate := range tokens {
		if candidate.text != text {
			continue
		}
		at, known := places.TargetLinesToSource[uint32(candidate.line-1)][uint32(candidate.column-1)] //nolint:gosec // places in a file
		switch {
		case known && ok && at != found:
			return templparser.Position{}, false
		case known:
			found, ok = at, true
		}
	}
	return found, ok
}
