package form_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/problem"
)

func TestPermissionsPerRecordAndField(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) {
		s.Guards = map[string]string{"Status": "posts.publish"}
		s.Locked = map[string]func(context.Context, any) string{"Homepage": func(_ context.Context, record any) string {
			if record.(*admintest.Post).Featured {
				return "Featured posts keep their homepage."
			}
			return ""
		}}
	})
	post, other := k.Post("One"), k.Post("Other")
	k.Create(&admintest.Tag{Name: "go"})

	// The guard of a field: shown, and not changed by a form that sends it.
	k.Forbidden = []string{"posts.publish"}
	if n := k.show(post.ID).Find("[name=status]").Length(); n != 0 {
		t.Error("the guarded field has a control")
	}
	if status := k.update(post.ID, k.version(post.ID), url.Values{"status": {"published"}, "title": {"Two"}}); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	if got := k.saved(post.ID); got.Status != "draft" || got.Title != "Two" {
		t.Errorf("saved: %+v", got)
	}

	// A field that is locked for this record says why.
	k.Forbidden = nil
	k.update(post.ID, k.version(post.ID), url.Values{"featured": {"true"}})
	if got := k.show(post.ID).Find("#field-homepage-hint").Text(); got != "Featured posts keep their homepage." {
		t.Errorf("hint = %q", got)
	}
	k.update(post.ID, k.version(post.ID), url.Values{"homepage": {"https://example.com"}})
	if got := k.saved(post.ID).Homepage; got != "" {
		t.Errorf("homepage = %q", got)
	}

	// A relation to records that the user may not read is not shown, remembered or changed.
	k.Forbidden = []string{"authors.read", "tags.read"}
	page := k.show(post.ID)
	if n := page.Find("[name=author_id], [name=tags]").Length(); n != 0 || strings.Contains(page.Text(), "Author of") {
		t.Error("the page shows the relation")
	}
	version := page.Find("input[name=_version]").AttrOr("value", "")
	if strings.Contains(version, "author_id") || strings.Contains(version, "tags") {
		t.Errorf("the form remembers the relation: %s", version)
	}
	k.update(post.ID, version, url.Values{"author_id": {key(other.AuthorID)}, "tags": {"1"}, "_present": {"tags"}})
	if got := k.saved(post.ID); got.AuthorID != post.AuthorID ||
		k.DB.With(t.Context()).Model(post).Association("Tags").Count() != 0 {
		t.Errorf("the relation was changed: %+v", got)
	}

	// Decisions about single records.
	k.Forbidden = nil
	denied := func(verb string, id int64) func(string, any) bool {
		return func(action string, record any) bool {
			switch r := record.(type) {
			case *admintest.Post:
				return action == "posts."+verb && r.ID == id
			case *admintest.Author:
				return action == "authors."+verb && r.ID == id
			}
			return false
		}
	}
	k.Denies = denied("read", post.ID)
	c, _ := k.Get("/", "posts", key(post.ID))
	if err := k.forms.Show(c); err == nil || problem.From(err).Status != http.StatusForbidden {
		t.Errorf("showing: %v", err)
	}
	if status := k.update(post.ID, version, url.Values{"title": {"Three"}}); status != http.StatusForbidden {
		t.Errorf("changing what may not be read: %d", status)
	}
	k.Denies = denied("update", post.ID)
	if page := k.show(post.ID); page.Find("form.record").Length() != 0 {
		t.Error("there is a form for what may not be changed")
	}
	if status := k.update(post.ID, version, url.Values{"title": {"Three"}}); status != http.StatusForbidden {
		t.Errorf("changing: %d", status)
	}
	k.Denies = denied("read", other.AuthorID)
	if status := k.update(post.ID, k.version(post.ID), url.Values{"author_id": {key(other.AuthorID)}}); status != http.StatusUnprocessableEntity {
		t.Errorf("referring to an author that may not be read: %d", status)
	}
	// Threat: giving a record away that the user could not change afterwards.
	k.Denies = func(action string, record any) bool {
		p, ok := record.(*admintest.Post)
		return ok && action == "posts.update" && p.Title == "Not mine"
	}
	if status := k.update(post.ID, k.version(post.ID), url.Values{"title": {"Not mine"}}); status != http.StatusForbidden || k.saved(post.ID).Title != "Two" {
		t.Errorf("giving it away: %d", status)
	}
	if status := k.update(999, "", url.Values{"title": {"Two"}}); status != http.StatusNotFound {
		t.Errorf("a record that is not there: %d", status)
	}
}

// A rule of the application is asked inside the transaction; its refusal is shown, and everything is rolled back.
func TestCheckAndGuard(t *testing.T) {
	t.Parallel()
	var fail, guard, after error
	var order []string
	k := newKit(t, func(s *meta.Spec) {
		s.Prepare = func(record any) { record.(*admintest.Post).Body = strings.ToUpper(record.(*admintest.Post).Body) }
		s.Check = func(_ context.Context, verb string, _ []any) error { order = append(order, "check "+verb); return fail }
		s.Guard = func(_ context.Context, verb string, _ []any) (func(context.Context) error, error) {
			order = append(order, "guard "+verb)
			return func(context.Context) error { order = append(order, "after"); return after }, guard
		}
	})
	post := k.Post("One")
	if status := k.update(post.ID, k.version(post.ID), url.Values{"body": {"loud"}}); status != http.StatusSeeOther ||
		k.saved(post.ID).Body != "LOUD" {
		t.Errorf("status %d, %q", status, k.saved(post.ID).Body)
	}
	if diff := cmp.Diff([]string{"guard update", "check update", "after"}, order); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		err    *error
		value  error
		status int
	}{
		"check refuses": {&fail, problem.Conflict("Not on Sundays."), 422},
		"guard refuses": {&guard, problem.Conflict("Not on Sundays."), 422},
		"refusal after": {&after, problem.Conflict("Not on Sundays."), 422}, "check breaks": {&fail, errors.New("down"), 500},
	} {
		fail, guard, after = nil, nil, nil
		*c.err = c.value
		if status := k.update(post.ID, k.version(post.ID), url.Values{"title": {"Two"}}); status != c.status {
			t.Errorf("%s: status %d", name, status)
		}
		if c.status == 422 && !strings.Contains(k.Pages.Text(".summary"), "Not on Sundays.") {
			t.Errorf("%s: %s", name, k.Pages.Text(".summary"))
		}
		if k.saved(post.ID).Title != "One" || len(k.Audit.Events) != 1 {
			t.Errorf("%s: it is saved, or logged", name)
		}
	}
}
