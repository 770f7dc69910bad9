package generate

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

// existing returns a model that the application has.
func (p *Project) existing(text string) (inflect.Name, model, error) {
	n, err := inflect.Parse(text)
	if err != nil {
		return n, model{}, err
	}
	found, err := p.models()
	if err != nil {
		return n, model{}, err
	}
	m, ok := found[n.Type]
	if !ok {
		return n, m, &UnknownError{Noun: "model", Name: n.Ref, Known: modelNames(found)}
	}
	return n, m, nil
}

// modelNames are the models as they are written on the command line.
func modelNames(models map[string]model) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(models)) {
		if n, err := inflect.Parse(name); err == nil {
			names = append(names, n.Snake)
		}
	}
	return names
}

// maker returns the record of the run that generated a model, or nil.
func (p *Project) maker(m model) (*record, error) {
	all, err := p.records()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(r *record) bool { return m.file != "" && r.hash(m.file) != "" })
	if at < 0 {
		return nil, nil //nolint:nilnil // people wrote it
	}
	return all[at], nil
}

// buildsOn reports whether a run generated something for the model of another.
func (r *record) buildsOn(name string) bool {
	return r.Name == name && slices.Contains([]string{"api", "admin", "policy", "seed"}, r.Kind)
}

// fieldsOf returns the fields of a model: those that it was generated from, else as much as the struct says.
func (p *Project) fieldsOf(m model) ([]field.Field, error) {
	maker, err := p.maker(m)
	if err != nil {
		return nil, err
	}
	if maker != nil {
		return field.Parse(maker.Args)
	}
	return field.Parse(specs(m.fields))
}

// specs describes the fields of a struct in the grammar of fields, as far as they are columns of a known type.
func specs(structure *ast.StructType) []string {
	byType := map[string]field.Type{}
	for t, goType := range goTypes {
		if t != field.Text && t != field.Enum && t != field.File && t != field.BelongsTo {
			byType[goType] = t
		}
	}
	members := membersOf(structure)
	var list []string
	for _, m := range members {
		if slices.Contains([]string{"ID", "CreatedAt", "UpdatedAt"}, m.name) {
			continue
		}
		bare, nullable := strings.CutPrefix(types.ExprString(m.expr), "*")
		spec := inflect.Column(m.name) + ":" + string(byType[bare])
		switch t, ok := byType[bare]; {
		case !ok:
			continue
		case t == field.BigInt && m.relates(members) != "":
			spec = inflect.Column(strings.TrimSuffix(m.name, "ID")) + ":belongs_to:" + inflect.Column(m.relates(members))
		case t == field.Decimal:
			spec += "(15,2)"
		case t == field.String && m.long():
			spec = inflect.Column(m.name) + ":text"
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

// member is one field of a struct.
type member struct {
	name string
	expr ast.Expr
	tag  reflect.StructTag
}

func membersOf(structure *ast.StructType) []member {
	var list []member
	for _, f := range structure.Fields.List {
		var tag reflect.StructTag
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value) // the parser has read it
			tag = reflect.StructTag(text)
		}
		for _, name := range f.Names {
			list = append(list, member{name.Name, f.Type, tag})
		}
	}
	return list
}

// relates returns the model that a key leads to, AuthorID beside Author, or nothing.
func (m member) relates(members []member) string {
	relation, isKey := strings.CutSuffix(m.name, "ID")
	for _, other := range members {
		if isKey && other.name == relation {
			return strings.TrimPrefix(types.ExprString(other.expr), "*")
		}
	}
	return ""
}

// long reports whether the text may be longer than a line.
func (m member) long() bool {
	longest, err := strconv.Atoi(m.tag.Get("maxLength"))
	return (err == nil && longest > 255) || strings.Contains(m.tag.Get("gorm"), "type:text")
}

// has reports whether the model has a field.
func (m model) has(name string) bool {
	return slices.ContainsFunc(membersOf(m.fields), func(f member) bool { return f.name == name })
}

// existingResource is the part of a resource that is about a model which the application has.
func (p *Project) existingResource(r request) (*resource, model, error) {
	n, m, err := p.existing(r.name)
	if err != nil {
		return nil, m, err
	}
	fields, err := p.fieldsOf(m)
	if err != nil {
		return nil, m, err
	}
	res := &resource{Module: p.Module, Name: name{n}, Public: r.flags.Public, Tests: !r.flags.skips("tests")}
	for _, f := range fields {
		res.Fields = append(res.Fields, column{Field: f, Human: human(f.Label()), resource: n.Table})
	}
	return res, m, nil
}

// refusePart refuses to generate what a resource came with.
func (p *Project) refusePart(r request, kind, file string) error {
	all, err := p.records()
	if err != nil {
		return err
	}
	other := owner(all, file, &record{Kind: kind, Name: r.name})
	if r.own != nil || other == nil {
		return nil
	}
	return &UsageError{
		Problem: fmt.Sprintf("%s %s came with its %s", other.Kind, other.Name, kind),
		Hint:    "Change it in " + file + ".",
	}
}

// packageComment shares a file with the comment of a resource's package, unless another file has it.
func (p *Project) packageComment(out *plan, n name, own *record) error {
	doc := n.Folder + "/doc.go"
	if own.hash(doc) == "" {
		if _, err := p.tree.ReadFile(n.Folder + "/store.go"); err == nil {
			return nil
		}
	}
	out.share(packageDoc(n.Folder, "is everything about "+n.HumanPlural()+"."))
	return nil
}
