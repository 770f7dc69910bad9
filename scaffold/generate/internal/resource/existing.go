package resource

import (
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/inflect"
)

// Existing returns the part of a resource that is about a model which the application has.
func Existing(p *project.Project, name string, o Options) (*Resource, project.Model, error) {
	n, m, err := p.Model(name, inflect.Parse)
	if err != nil {
		return nil, m, err
	}
	all, err := record.All(p.Tree)
	if err != nil {
		return nil, m, err
	}
	specs := specsOf(m)
	if maker := record.Maker(all, m); maker != nil {
		specs = maker.Args
	}
	fields, err := field.Parse(specs)
	if err != nil {
		return nil, m, err
	}
	return NewOf(p, n, fields, o), m, nil
}

// specsOf describes the fields of a model in the field language, as far as they are columns of a known type.
func specsOf(m project.Model) []string {
	byType := map[string]field.Type{}
	for t, goType := range goTypes {
		if t != field.Text && t != field.Enum && t != field.File && t != field.BelongsTo {
			byType[goType] = t
		}
	}
	var list []string
	for _, f := range m.Fields {
		if slices.Contains([]string{"ID", "CreatedAt", "UpdatedAt"}, f.Name) {
			continue
		}
		bare, nullable := strings.CutPrefix(f.Type, "*")
		spec := inflect.Column(f.Name) + ":" + string(byType[bare])
		switch t, ok := byType[bare]; {
		case !ok:
			continue
		case t == field.BigInt && m.Relation(f.Name) != "":
			spec = inflect.Column(strings.TrimSuffix(f.Name, "ID")) + ":belongs_to:" + inflect.Column(m.Relation(f.Name))
		case t == field.Decimal:
			spec += "(15,2)"
		case t == field.String && isLong(f):
			spec = inflect.Column(f.Name) + ":text"
		}
		if nullable {
			spec += "?"
		}
		if _, err := field.Parse([]string{spec}); err == nil {
			list = append(list, spec)
		}
	}
	return list
}

// isLong reports whether the text may be longer than a line.
func isLong(f project.ModelField) bool {
	longest, err := strconv.Atoi(f.Tag.Get("maxLength"))
	return (err == nil && longest > 255) || strings.Contains(f.Tag.Get("gorm"), "type:text")
}
