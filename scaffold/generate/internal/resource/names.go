package resource

import (
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
)

// Name is the name of a resource as templates see it.
type Name struct{ inflect.Name }

// Human is the name inside sentences.
func (n Name) Human() string { return Human(n.Title) }

// HumanPlural is the name of several inside sentences.
func (n Name) HumanPlural() string { return Human(n.Titles) }

// TitlePlural is the heading of a list.
func (n Name) TitlePlural() string { return n.Titles }

// TypePlural is the Go name for several.
func (n Name) TypePlural() string { return inflect.GoName(n.Table) }

// Human returns a label as it is written inside a sentence: initialisms keep their capitals.
func Human(label string) string {
	if len(label) > 1 && strings.ToUpper(label[:2]) == label[:2] {
		return label
	}
	return strings.ToLower(label[:1]) + label[1:]
}

// declared are the exported types and functions of a generated package.
var declared = strings.Fields(`
	Admin CreateParams DeleteParams Endpoints FileOutput GetParams Handlers ListOutput ListParams NewEndpoints NewHandlers
	NewStore Output Policies Routes Store UpdateParams`)

// apiType is the type of the API representation: that of the model, unless the package has another of that name.
func apiType(model string) string {
	if slices.Contains(declared, model) {
		return model + "Record"
	}
	return model
}

// factoryFunc is the factory of a model: its type, unless package factory has another function of that name.
func factoryFunc(model string) string {
	if model == "Unique" || model == "Number" {
		return model + "Record"
	}
	return model
}

// scope gives out local names, each one once.
type scope map[string]bool

// name returns the name, or with a suffix if it is taken.
func (s scope) name(wanted string) string {
	for s[wanted] {
		wanted += "Value"
	}
	s[wanted] = true
	return wanted
}

// LowerFirst returns an exported identifier as one that is not exported: HTTPServer as httpServer.
func LowerFirst(name string) string {
	for i, r := range name {
		if r < 'A' || r > 'Z' {
			if i > 1 {
				i-- // an initialism ends before the last capital
			}
			return strings.ToLower(name[:i]) + name[i:]
		}
	}
	return strings.ToLower(name)
}
