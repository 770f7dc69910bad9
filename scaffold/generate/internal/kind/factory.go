package kind

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
)

const factories = "models/factory"

// shareFactories shares a factory of each model that a resource needs records of and that has none: models of users may
// have been written without one.
func (r *request) shareFactories(out *change.Plan, res *resource.Resource) error {
	models, err := r.Models()
	if err != nil {
		return err
	}
	records, err := r.records()
	if err != nil {
		return err
	}
	done := map[string]bool{}
	targets := res.TargetsWithFactory()
	for len(targets) > 0 {
		c := targets[0]
		targets = targets[1:]
		if done[c.Target.Type] {
			continue
		}
		done[c.Target.Type] = true
		file := factories + "/" + c.Target.Snake + ".go"
		found, err := r.factory(c)
		if err != nil {
			return err
		}
		maker := record.Maker(records, models[c.Target.Type])
		comesWithModel := maker != nil || slices.ContainsFunc(records, func(other *record.Record) bool {
			return other.Name == c.Target.Snake && other.Hash(file) != ""
		})
		switch {
		case found != "" && (found != file || comesWithModel || c.Target.Type == "User"):
			continue
		case found == "" && maker != nil:
			return &usage.Error{
				Problem: "models/factory has no function " + c.TargetFactory() + ", which was generated with " + maker.Kind + " " + maker.Name,
				Hint:    "Generate it again: covet generate " + maker.Kind + " " + maker.Name,
			}
		case found == "" && r.Tree.Exists(file):
			return &usage.Error{
				Problem: file + " does not declare " + c.TargetFactory() + ", which tests need to store " + c.TargetHumans(),
				Hint:    "Declare it as " + signature(c),
			}
		}
		written, err := resource.Written(r.Project, c.Target, models[c.Target.Type])
		if err != nil {
			return err
		}
		files, err := r.renderer.Files(written, nil, render.Part{Template: "resource/factory.go", Target: file})
		if err != nil {
			return err
		}
		out.Shared = append(out.Shared, files...)
		targets = append(targets, written.TargetsWithFactory()...)
	}
	return nil
}

// factory returns the file that declares the factory of a relation's target, or "". A function of the name that
// generated code could not call is an error.
func (r *request) factory(c resource.Column) (string, error) {
	sources, err := r.Sources(factories, 0)
	if err != nil {
		return "", err
	}
	for _, source := range sources {
		for _, decl := range source.File.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Name.Name != c.TargetFactory() {
				continue
			}
			if !isFactory(f, c.Target.Type) {
				return "", &usage.Error{
					Problem: fmt.Sprintf("generated code cannot call the function %s in %s", f.Name.Name, source.Path),
					Hint:    "Declare it as " + signature(c),
				}
			}
			return source.Path, nil
		}
	}
	return "", nil
}

// signature is how the factory of a target is declared.
func signature(c resource.Column) string {
	model := "*models." + c.Target.Type
	return fmt.Sprintf("func %s(ctx context.Context, db *database.DB, changes ...func(%s)) (%s, error)", c.TargetFactory(), model, model)
}

// isFactory reports whether a function takes a context, a database and changes, and returns a model and an error.
func isFactory(f *ast.FuncDecl, model string) bool {
	var params []string
	for _, p := range f.Type.Params.List {
		for range max(len(p.Names), 1) {
			params = append(params, types.ExprString(p.Type))
		}
	}
	if len(params) != 3 || f.Type.Results.NumFields() != 2 {
		return false
	}
	return params[0] == "context.Context" && strings.HasSuffix(params[1], "database.DB") &&
		strings.HasSuffix(params[2], "models."+model+")") && types.ExprString(f.Type.Results.List[0].Type) == "*models."+model
}
