package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
)

// A condition is a conjunction of marker expressions: all of them have to hold. Without any it always holds.
type condition []string

// always is the condition of lines that every variant needs.
var always = condition{}

// conditionOf returns the simplest condition that holds for exactly the variants in which needed is true.
func conditionOf(all []variant, needed []bool) (condition, error) {
	if !slices.Contains(needed, false) {
		return always, nil
	}
	expressions := expressions()
	for _, e := range expressions {
		if slices.Equal(truth(all, e), needed) {
			return condition{e}, nil
		}
	}
	for i, one := range expressions {
		for _, two := range expressions[:i] {
			both := truth(all, one)
			for k, holds := range truth(all, two) {
				both[k] = both[k] && holds
			}
			if slices.Equal(both, needed) {
				return condition{two, one}, nil
			}
		}
	}
	return nil, fmt.Errorf("no condition describes where it is needed: %v", needed)
}

// expressions are the alternatives of one to three names, each of which may be negated, simple ones first.
func expressions() []string {
	var terms []string
	for _, dialect := range scaffold.Dialects() {
		terms = append(terms, string(dialect))
	}
	for _, battery := range scaffold.Batteries() {
		terms = append(terms, string(battery))
	}
	for _, name := range slices.Clone(terms) {
		terms = append(terms, "!"+name)
	}
	all := slices.Clone(terms)
	previous := terms
	for range 2 {
		var longer []string
		for _, expression := range previous {
			last := slices.Index(terms, expression[strings.LastIndex(expression, "|")+1:])
			for _, term := range terms[last+1:] {
				longer = append(longer, expression+"|"+term)
			}
		}
		all = append(all, longer...)
		previous = longer
	}
	return all
}

// truth is the value of an expression for each variant.
func truth(all []variant, expression string) []bool {
	values := make([]bool, len(all))
	for term := range strings.SplitSeq(expression, "|") {
		name, negated := strings.CutPrefix(term, "!")
		for i, v := range all {
			values[i] = values[i] || v.on(name) != negated
		}
	}
	return values
}
