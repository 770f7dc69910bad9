package apptest

import (
	"reflect"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/identity"
)

// CheckFilter fails the test if lists would contain other rows than policies allow. For each row of the model T in the
// database, and for each actor and a guest, it compares the condition of the rules ([identity.Filter]) with their
// functions ([identity.Can]). Rules without a condition are not compared, because lists call their functions.
func CheckFilter[T any](t testing.TB, a *App, policies *identity.Policies, action string, actors ...identity.Actor) {
	t.Helper()
	var all []T
	statement := &gorm.Statement{DB: a.DB.With(t.Context())}
	if err := statement.Parse(new(T)); err != nil {
		t.Fatal(err)
	}
	if err := a.DB.With(t.Context()).Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	key := statement.Schema.PrioritizedPrimaryField
	for _, actor := range append([]identity.Actor{{}}, actors...) {
		ctx := identity.WithPolicies(t.Context(), policies)
		if actor.ID != "" {
			ctx = identity.With(ctx, actor)
		}
		condition, ok := identity.Filter(ctx, action, new(T))
		if !ok {
			continue
		}
		for i := range all {
			var selected int64
			id, _ := key.ValueOf(ctx, reflect.ValueOf(all[i]))
			row := a.DB.With(t.Context()).Model(new(T)).Where("? = ?", clause.Column{Name: key.DBName}, id)
			if err := row.Where(condition).Count(&selected).Error; err != nil {
				t.Fatal(err)
			}
			if want := identity.Can(ctx, action, all[i]); want != (selected == 1) {
				t.Errorf("%s: the policy allows actor %q row %d of %s: %v; the condition selects it: %v",
					action, actor.ID, i+1, statement.Table, want, selected == 1)
			}
		}
	}
}
