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
	fields := fieldsOf(m)
	if maker := record.Maker(all, m); maker != nil {
		if fields, err = field.Parse(maker.Args); err != nil {
			return nil, m, err
		}
	}
	return NewOf(p, n, fields, o), m, nil
}

// Written returns the part of a resource that is about a model which a user wrote, with its relations.
func Written(p *project.Project, n inflect.Name, m project.Model) (*Resource, error) {
	r := NewOf(p, n, fieldsOf(m), Options{})
	return r, r.relate(p)
}

// fieldsOf returns the fields of a model that are columns of a type of the field language, under their names in Go.
func fieldsOf(m project.Model) []field.Field {
	var list []field.Field
	for _, f := range m.Fields {
		if f.Promoted || slices.Contains([]string{"ID", "CreatedAt", "UpdatedAt"}, f.Name) || f.Tag.Get("gorm") == "-" {
			continue
		}
		parsed, err := field.Parse([]string{specOf(m, f)})
		if err != nil {
			continue // no column, or none that the field language describes
		}
		read := parsed[0]
		read.GoKey = f.Name
		read.GoName = f.Name
		if read.Type == field.BelongsTo {
			read.GoName = strings.TrimSuffix(f.Name, "ID")
		}
		list = append(list, read)
	}
	return list
}

// specOf describes a field of a model in the field language. Where there is no description, it is invalid.
func specOf(m project.Model, f project.ModelField) string {
	bare, nullable := strings.CutPrefix(f.Type, "*")
	spec := f.Column() + ":"
	t, known := typeOf(bare)
	switch {
	case !known:
		return ""
	case t == field.BigInt && m.Relation(f.Name) != "":
		spec = inflect.Column(strings.TrimSuffix(f.Name, "ID")) + ":belongs_to:" + inflect.Column(m.Relation(f.Name))
	case t == field.Decimal:
		spec += "decimal(15,2)"
	case t == field.String && f.Tag.Get("enum") != "":
		spec += "enum(" + f.Tag.Get("enum") + ")"
	case t == field.String && isLong(f):
		spec += "text"
	default:
		spec += string(t)
	}
	if nullable {
		spec += "?"
	}
	if strings.Contains(strings.ToLower(f.Tag.Get("gorm")), "unique") || f.Tag.Get("unique") != "" {
		spec += ":unique"
	}
	return spec
}

// typeOf returns the type of the field language that is a Go type.
func typeOf(goType string) (field.Type, bool) {
	for _, t := range []field.Type{
		field.String, field.Int, field.BigInt, field.Float, field.Decimal, field.Bool, field.Date, field.Time, field.UUID, field.JSON,
	} {
		if goTypes[t] == goType {
			return t, true
		}
	}
	return "", false
}

// isLong reports whether the text may be longer than a line.
func isLong(f project.ModelField) bool {
	longest, err := strconv.Atoi(f.Tag.Get("maxLength"))
	return (err == nil && longest > 255) || strings.Contains(f.Tag.Get("gorm"), "type:text")
}
