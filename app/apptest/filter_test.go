package apptest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/identity"
)

type memo struct {
	ID     int64
	UserID int64
}

// filterReport records what a check reports.
type filterReport struct {
	testing.TB
	list []string
}

func (f *filterReport) Errorf(format string, args ...any) {
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

func TestCheckFilter(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	if err := a.DB.With(t.Context()).AutoMigrate(&memo{}); err != nil {
		t.Fatal(err)
	}
	if err := a.DB.With(t.Context()).Create([]memo{{1, 7}, {2, 8}, {3, 0}}).Error; err != nil {
		t.Fatal(err)
	}
	own := func(_ context.Context, actor identity.Actor, m memo) bool { return actor.Is(m.UserID) }
	for _, test := range []struct {
		name  string
		allow func(*identity.Policies)
		want  string // what is reported, of actor 7
	}{
		{"the same", func(p *identity.Policies) { identity.Allow(p, "memos.read", own).Where(identity.Owns("user_id")) }, ""},
		{"another column", func(p *identity.Policies) { identity.Allow(p, "memos.read", own).Where(identity.Owns("id")) }, "row 1"},
		{"more rows", func(p *identity.Policies) { identity.Allow(p, "memos.read", own).Where(identity.Everything) }, "row 2"},
		{"no condition", func(p *identity.Policies) { identity.Allow(p, "memos.read", own) }, ""},
		{"no rule", func(*identity.Policies) {}, ""},
	} {
		policies := identity.NewPolicies()
		test.allow(policies)
		reported := &filterReport{TB: t}
		actors := []identity.Actor{{ID: "7"}, {ID: "07"}, {ID: "0"}, {ID: "9", Permissions: []string{"memos.*"}}}
		apptest.CheckFilter[memo](reported, a, policies, "memos.read", actors...)
		got := strings.Join(reported.list, "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: reported %q, want %q", test.name, got, test.want)
		}
	}
}
