package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/audit"
)

// Threat: who may read a record learns from its history what only the log is to know.
func TestHistoryWithoutTheLog(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		post := a.postBy(a.author("Ada"), "One")
		path := fmt.Sprintf("/admin/posts/%d", post.ID)
		version := a.Client().Get(path).Attr("input[name=_version]", "value")
		a.post(path, url.Values{"_version": {version}, "title": {"Another"}}).MustStatus(ok)
		changes := []audit.Change{{Field: "Title", Before: "before", After: "elsewhere"}}
		for action, detail := range map[string]map[string]any{
			"posts.import":  {"source": "secret-source"},
			"posts.merge":   {"changes": []audit.Change{}, "source": "secret-merge"},
			"billing.note":  {"changes": changes},
			"postsx.update": {"changes": changes},
		} {
			if err := a.Audit.Record(t.Context(), audit.Event{Action: action, Subject: audit.Subject("posts", post.ID), Detail: detail}); err != nil {
				t.Fatal(err)
			}
		}
		hidden := []string{"“Import”", "“Merge”", "secret-", "billing.note", "postsx.update", "elsewhere", "127.0.0.1"}
		for _, address := range []string{path, path + "/history"} {
			a.as("posts.read", "posts.update")
			events := a.Client().Get(address).MustStatus(ok).Text(".events")
			if !strings.Contains(events, "changed this post") || !strings.Contains(events, "Another") {
				t.Errorf("%s does not tell of the change: %q", address, events)
			}
			for _, text := range hidden {
				if strings.Contains(events, text) {
					t.Errorf("%s shows %s to who may not read the log: %q", address, text, events)
				}
			}
			a.as("posts.read", "audit.read")
			events = a.Client().Get(address).MustStatus(ok).Text(".events")
			for _, text := range hidden {
				if !strings.Contains(events, text) {
					t.Errorf("%s lacks %s for who may read the log: %q", address, text, events)
				}
			}
		}
	})
}

// Threat: the keys of records that the user may not read, or fingerprints by which they can be tried.
func TestRelationsOfWhatMayNotBeRead(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		o.signedIn(o.root)
		o.edit(o.userPath(o.guest), giving(o.guests)).MustStatus(ok)
		for _, permissions := range [][]string{{"users.read", "posts.read"}, {"users.*", "posts.read"}, {"users.*", "roles.assign", "posts.read"}} {
			o.as(permissions...)
			page := o.Client().Get(o.userPath(o.guest)).MustStatus(ok)
			if n := page.Find("#field-roles, [name=roles]").Length(); n > 0 {
				t.Errorf("%q: the page shows the roles", permissions)
			}
			if page.Find("input[name=_version]").Length() > 0 && strings.Contains(page.Attr("input[name=_version]", "value"), "roles") {
				t.Errorf("%q: the form remembers the roles", permissions)
			}
			if got := page.Text(".changes"); !strings.Contains(got, "(hidden) changed to (changed)") || strings.Contains(got, fmt.Sprint(o.guests.ID)) {
				t.Errorf("%q: the history says %q", permissions, got)
			}
		}
		// A user who may not read the roles changes the other fields, and the roles stay.
		o.edit(o.userPath(o.guest), url.Values{"display_name": {"Guest"}, "_present": {"roles"}, "roles": {""}}).MustStatus(ok)
		if got := load[Person](o.app, o.guest.ID).DisplayName; got != "Guest" || o.roles(o.guest) != "guest" {
			t.Errorf("%q has the roles %q", got, o.roles(o.guest))
		}
	})
}
