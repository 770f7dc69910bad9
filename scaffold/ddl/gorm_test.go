package ddl_test

import (
	"sync"
	"testing"

	"gorm.io/gorm/schema"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
)

// What GORM derives from the models is what the migrations create, also where a model names nothing.
func TestNamesAreThoseOfGORM(t *testing.T) {
	t.Parallel()
	parsed, err := schema.Parse(&Post{}, &sync.Map{}, schema.NamingStrategy{})
	must(t, err)
	table := newTable(t, everything)
	for _, f := range table.Fields {
		if f.Type != field.Many {
			if parsed.FieldsByDBName[f.Column] == nil {
				t.Errorf("the model has no column %s", f.Column)
			}
			want := schema.NamingStrategy{}.IndexName("posts", f.Column)
			if got := ddl.IndexName("posts", f.Column); got != want {
				t.Errorf("the index is %s, and for GORM %s", got, want)
			}
		}
		relation := parsed.Relationships.Relations[f.GoName]
		if (relation != nil) != (f.Type == field.Many || f.Type == field.BelongsTo) {
			t.Fatalf("the relation %s is %v", f.GoName, relation)
		}
		switch f.Type {
		case field.Many:
			own, other := table.JoinColumns(f)
			if relation.JoinTable.Table != table.JoinTable(f) || relation.JoinTable.FieldsByDBName[own] == nil ||
				relation.JoinTable.FieldsByDBName[other] == nil || len(relation.JoinTable.DBNames) != 2 {
				t.Errorf("%s: the join table of GORM is %s with %v", f, relation.JoinTable.Table, relation.JoinTable.DBNames)
			}
		case field.BelongsTo:
			if got, want := ddl.ForeignKeyName("posts", f.Column), relation.ParseConstraint().GetName(); got != want {
				t.Errorf("%s: the foreign key is %s, and for GORM %s", f, got, want)
			}
		}
	}
}
