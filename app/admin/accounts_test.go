package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

type Person struct {
	covetmodels.User
	DisplayName string
}

// office is an application with accounts: root may do everything, clerk looks after accounts, and guest is nobody.
type office struct {
	*app
	root, clerk, guest     Person
	admins, clerks, guests covetmodels.Role
	manager                manager
}

// manager records what the admin asks of it, and refuses one address.
type manager struct {
	mu    sync.Mutex
	calls []string
}

func (m *manager) record(call string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, call)
	return nil
}

func (m *manager) AccountChanged(_ context.Context, before, after *covetmodels.User) error {
	switch {
	case after.Email == "nowhere@example.com":
		return problem.Conflict("No mail goes there.")
	case before.Email != after.Email:
		return m.record("moved " + before.Email + " " + after.Email)
	case before.DisabledAt == nil && after.DisabledAt != nil:
		return m.record("disabled " + after.Email)
	case before.DisabledAt != nil && after.DisabledAt == nil:
		return m.record("enabled " + after.Email)
	}
	return nil
}

func (m *manager) AccountDeleting(_ context.Context, user *covetmodels.User) error {
	if user.PasswordHash == "" {
		return m.record("deleting an account of which columns are missing")
	}
	return m.record("deleting " + user.Email)
}

func (m *manager) SendPasswordLink(_ context.Context, email string) error {
	return m.record("link " + email)
}

// take returns what was asked since the last call.
func (m *manager) take() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := strings.Join(m.calls, ", ")
	m.calls = nil
	return calls
}

func accounts(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newOffice(t, open(t)))
		})
	}
}

func newOffice(t *testing.T, url string) *office {
	t.Helper()
	o := &office{}
	o.app = start(t, url, func(m *admin.Module) {
		admin.Accounts[Person](m, admin.AccountsOptions[Person]{Manager: &o.manager})
	})
	o.admins = o.role("admin", "*")
	o.clerks = o.role("clerk", "admin.access", "users.*", "roles.*")
	o.guests = o.role("guest", "posts.read")
	o.root, o.clerk, o.guest = o.person("root", o.admins), o.person("clerk", o.clerks), o.person("guest")
	return o
}

func (o *office) role(name string, permissions ...string) covetmodels.Role {
	r := covetmodels.Role{Name: name}
	for _, p := range permissions {
		r.Permissions = append(r.Permissions, covetmodels.RolePermission{Permission: p})
	}
	return create(o.app, r)
}

func (o *office) person(name string, roles ...covetmodels.Role) Person {
	return create(o.app, Person{User: covetmodels.User{Email: name + "@example.com", PasswordHash: "hash-" + name, Roles: roles}})
}

// signedIn signs in a user with the permissions of their roles.
func (o *office) signedIn(p Person) {
	var permissions []string
	for _, role := range p.Roles {
		for _, permission := range role.Permissions {
			permissions = append(permissions, permission.Permission)
		}
	}
	o.actor.Store(&actor{known: true, Actor: identity.Actor{ID: fmt.Sprint(p.ID), Email: p.Email, Permissions: permissions}})
}

func (o *office) userPath(p Person) string { return fmt.Sprintf("/admin/users/%d", p.ID) }

// edit submits the form of a record with some fields changed.
func (o *office) edit(path string, changes url.Values) *apptest.Page {
	o.t.Helper()
	page := o.Client().Get(path).MustStatus(ok)
	changes.Set("_version", page.Attr("input[name=_version]", "value"))
	return o.post(path, changes)
}

func (o *office) roles(p Person) string {
	var names []string
	err := o.DB.With(o.t.Context()).Raw("SELECT r.name FROM covet_roles r JOIN covet_user_roles ur ON ur.role_id = r.id WHERE ur.user_id = ? ORDER BY r.name", p.ID).Scan(&names).Error
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func giving(roles ...covetmodels.Role) url.Values {
	v := url.Values{"_present": {"roles"}}
	for _, role := range roles {
		v.Add("roles", fmt.Sprint(role.ID))
	}
	return v
}

func TestAccounts(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		o.signedIn(o.root)
		for _, path := range []string{"/admin", "/admin/users", "/admin/roles", "/admin/sessions", "/admin/access-tokens", "/admin/audit", o.userPath(o.clerk)} {
			page := o.Client().Get(path).MustStatus(ok)
			if strings.Contains(page.Body(), "hash-") {
				t.Errorf("%s shows the hash of a password", path)
			}
		}
		o.edit(o.userPath(o.guest), giving(o.clerks, o.guests)).MustStatus(ok)
		if got := o.roles(o.guest); got != "clerk guest" {
			t.Errorf("roles = %q", got)
		}
		o.edit(o.userPath(o.guest), giving(o.guests)).MustStatus(ok)
		if got := o.roles(o.guest); got != "guest" {
			t.Errorf("roles = %q", got)
		}
		page := o.Client().Get("/admin/users/new").Form("/admin/users/new").Fill("email", "New@Example.com").Submit().MustStatus(ok)
		if got := page.Text("h1"); got != "new@example.com" {
			t.Errorf("the new account is %q", got)
		}
		o.Client().Get("/admin/users/new").Form("/admin/users/new").Fill("email", "NEW@example.com").Submit().MustStatus(http.StatusUnprocessableEntity)
		create(o.app, covetmodels.Session{UserID: o.guest.ID, TokenHash: "secret-hash", UserAgent: "Firefox"})
		token := create(o.app, covetmodels.AccessToken{UserID: o.guest.ID, Name: "CI", TokenHash: "secret-hash"})
		if body := o.Client().Get("/admin/sessions").MustStatus(ok).Body(); !strings.Contains(body, "guest@example.com") || strings.Contains(body, "secret-hash") {
			t.Error("the session is not shown as it should be")
		}
		o.post("/admin/access-tokens/bulk", url.Values{"_action": {"revoke"}, "_confirmed": {"1"}, "id": ids(token.ID)}).MustStatus(ok)
		if load[covetmodels.AccessToken](o.app, token.ID).RevokedAt == nil {
			t.Error("the token is not revoked")
		}
		do := func(action string) {
			o.post("/admin/users/bulk", url.Values{"_action": {action}, "_confirmed": {"1"}, "id": ids(o.guest.ID)}).MustStatus(ok)
		}
		o.manager.take()
		do("send-password-link")
		do("disable")
		again := url.Values{"_action": {"disable"}, "_confirmed": {"1"}, "id": ids(o.guest.ID)}
		o.post("/admin/users/bulk", again).MustStatus(http.StatusConflict) // it is disabled already
		if load[Person](o.app, o.guest.ID).DisabledAt == nil {
			t.Error("the account is not disabled")
		}
		do("enable")
		if load[Person](o.app, o.guest.ID).DisabledAt != nil {
			t.Error("the account is not enabled")
		}
		do("delete")
		const want = "link guest@example.com, disabled guest@example.com, enabled guest@example.com, deleting guest@example.com"
		if got := o.manager.take(); got != want {
			t.Errorf("the manager was asked %q, want %q", got, want)
		}
	})
}

// bulk does something to records, and confirms it.
func (o *office) bulk(resource, action string, keys ...int64) *apptest.Page {
	o.t.Helper()
	return o.post("/admin/"+resource+"/bulk", url.Values{"_action": {action}, "_confirmed": {"1"}, "id": ids(keys...)})
}

// Threat: an account is moved to another address, and its credentials stay.
func TestAnotherAddress(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		o.signedIn(o.root)
		o.edit(o.userPath(o.guest), url.Values{"display_name": {"Guest"}, "email": {"GUEST@example.com"}}).MustStatus(ok)
		o.edit(o.userPath(o.guest), url.Values{"email": {"nowhere@example.com"}}).MustStatus(http.StatusUnprocessableEntity)
		if got := o.manager.take(); got != "" || load[Person](o.app, o.guest.ID).Email != "guest@example.com" {
			t.Errorf("without another address the manager was asked %q", got)
		}
		o.edit(o.userPath(o.guest), url.Values{"email": {"New@Example.com"}}).MustStatus(ok)
		if got := o.manager.take(); got != "moved guest@example.com new@example.com" {
			t.Errorf("the manager was asked %q", got)
		}
	})
}

// Threat: an application forgets the manager, and no change ends a credential.
func TestManagerIsRequired(t *testing.T) {
	t.Parallel()
	a, err := covet.New(covet.Config{Database: database.Config{URL: "sqlite::memory:"}}, covet.Options{Drivers: drivers})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Stop(context.Background()) }()
	m := admin.New(admin.Config{}, admin.Options{})
	admin.Accounts[Person](m, admin.AccountsOptions[Person]{})
	if err := a.Use(m); err == nil || !strings.Contains(err.Error(), "Manager is missing") {
		t.Errorf("Use returns %v", err)
	}
}

// Threat: a session that was left open moves the account to another address without the password.
func TestOwnAddressIsOnlyShown(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		o.signedIn(o.root)
		page := o.Client().Get(o.userPath(o.root)).MustStatus(ok)
		if page.Find("input[name=email]").Length() > 0 || !strings.Contains(page.Text("#field-email-hint"), "on your account page") {
			t.Errorf("the form offers the own address, or does not say why not: %q", page.Text("#field-email-hint"))
		}
		o.edit(o.userPath(o.root), url.Values{"email": {"thief@example.com"}})
		if got := load[Person](o.app, o.root.ID).Email; got != "root@example.com" || o.manager.take() != "" {
			t.Errorf("the own address is %s", got)
		}
		if page := o.Client().Get("/admin/users/new").MustStatus(ok); page.Find("input[name=email]").Length() != 1 {
			t.Error("a new account gets no address")
		}
	})
}

// Threat: privilege escalation by those who look after accounts.
func TestNobodyRises(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		// Who may update users and not assign roles changes no roles, their own included.
		o.as("users.*", "roles.read", "roles.update", "roles.create")
		if o.Client().Get(o.userPath(o.guest)).Find("input[name=roles]").Length() > 0 {
			t.Error("the form offers roles")
		}
		o.edit(o.userPath(o.guest), giving(o.guests, o.admins))
		rolePath := fmt.Sprintf("/admin/roles/%d", o.guests.ID)
		o.edit(rolePath, url.Values{"_present": {"permissions"}, "permissions": {"*"}})
		o.post("/admin/roles/new", url.Values{"name": {"mine"}, "_present": {"permissions"}, "permissions": {"*"}})

		// Who may assign roles gives no more than they have.
		o.signedIn(o.clerk)
		o.edit(o.userPath(o.guest), giving(o.admins)).MustStatus(http.StatusUnprocessableEntity)
		o.edit(o.userPath(o.clerk), giving(o.clerks, o.admins)).MustStatus(http.StatusUnprocessableEntity)
		o.edit(rolePath, url.Values{"_present": {"permissions"}, "permissions": {"posts.read\n*"}}).MustStatus(http.StatusUnprocessableEntity)
		o.post("/admin/roles/new", url.Values{"name": {"super"}, "_present": {"permissions"}, "permissions": {"*"}}).MustStatus(http.StatusUnprocessableEntity)

		// Nobody changes who may do more: their address would lead to their password.
		o.edit(o.userPath(o.root), url.Values{"email": {"mine@example.com"}}).MustStatus(http.StatusUnprocessableEntity)
		for _, action := range []string{"disable", "delete", "send-password-link"} {
			o.post("/admin/users/bulk", url.Values{"_action": {action}, "_confirmed": {"1"}, "id": ids(o.guest.ID, o.root.ID)}).MustStatus(http.StatusConflict)
		}
		o.post("/admin/roles/bulk", url.Values{"_action": {"delete"}, "_confirmed": {"1"}, "id": ids(o.admins.ID)}).MustStatus(http.StatusConflict)

		if o.roles(o.guest) != "" || o.roles(o.clerk) != "clerk" || load[Person](o.app, o.root.ID).Email != "root@example.com" || load[Person](o.app, o.root.ID).DisabledAt != nil {
			t.Errorf("roles have changed: guest %q, clerk %q", o.roles(o.guest), o.roles(o.clerk))
		}
		var stars int64
		if err := o.DB.With(t.Context()).Model(&covetmodels.RolePermission{}).Where("permission = '*'").Count(&stars).Error; err != nil || stars != 1 {
			t.Errorf("%d roles may do everything, %v", stars, err)
		}
	})
}

// Threat: who may delete roles takes them from people above.
func TestNobodyTakesRolesFromAbove(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		chief := o.person("chief", o.guests, o.role("chief", "money.*"))
		idle := o.role("idle")

		o.as("roles.read", "roles.delete", "posts.read") // and not roles.assign
		o.bulk("roles", "delete", idle.ID).MustStatus(http.StatusForbidden)

		o.as("roles.*", "posts.read")
		for _, keys := range [][]int64{{o.guests.ID}, {idle.ID, o.guests.ID}} {
			page := o.bulk("roles", "delete", keys...).MustStatus(http.StatusConflict)
			if got := page.Text(".summary"); !strings.Contains(got, "a role of a user with more permissions") {
				t.Errorf("error = %q", got)
			}
		}
		if got := o.roles(chief); got != "chief guest" {
			t.Errorf("chief has the roles %q", got)
		}
		load[covetmodels.Role](o.app, idle.ID)

		o.actor.Load().ID = "command"
		o.bulk("roles", "delete", idle.ID).MustStatus(ok)
	})
}

// Threat: who looks after sessions and tokens shuts out people above.
func TestNobodyActsOnSessionsAndTokensOfPeopleAbove(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		session := func(p Person) int64 {
			return create(o.app, covetmodels.Session{UserID: p.ID, TokenHash: p.Email}).ID
		}
		token := func(p Person) int64 {
			return create(o.app, covetmodels.AccessToken{UserID: p.ID, Name: "CI", TokenHash: p.Email}).ID
		}
		above, below := []int64{session(o.root), token(o.root)}, []int64{session(o.guest), token(o.guest)}
		deeds := []struct {
			resource, action string
			kind             int
		}{{"sessions", "delete", 0}, {"access-tokens", "revoke", 1}, {"access-tokens", "delete", 1}}

		o.as("sessions.*", "access_tokens.*")
		for _, d := range deeds {
			o.bulk(d.resource, d.action, above[d.kind]).MustStatus(http.StatusConflict)
			o.bulk(d.resource, d.action, below[d.kind], above[d.kind]).MustStatus(http.StatusConflict)
		}
		load[covetmodels.Session](o.app, above[0])
		load[covetmodels.Session](o.app, below[0])
		for _, id := range []int64{above[1], below[1]} {
			if load[covetmodels.AccessToken](o.app, id).RevokedAt != nil {
				t.Errorf("token %d is revoked", id)
			}
		}
		for _, d := range deeds {
			o.bulk(d.resource, d.action, below[d.kind]).MustStatus(ok)
		}
		o.as("*")
		for _, d := range deeds {
			o.bulk(d.resource, d.action, above[d.kind]).MustStatus(ok)
		}
	})
}

func TestNobodyLocksThemselvesOut(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		o.signedIn(o.root)
		o.edit(o.userPath(o.root), giving(o.guests)).MustStatus(http.StatusUnprocessableEntity)
		for path, offered := range map[string][]string{o.userPath(o.root): nil, o.userPath(o.guest): {"disable", "delete"}} {
			page := o.Client().Get(path).MustStatus(ok)
			for _, action := range []string{"disable", "enable", "delete"} {
				if got := page.Find(`button[name=_action][value="`+action+`"]`).Length() == 1; got != slices.Contains(offered, action) {
					t.Errorf("%s offers %s: %t", path, action, got)
				}
			}
		}
		for _, action := range []string{"disable", "delete"} {
			o.post("/admin/users/bulk", url.Values{"_action": {action}, "_confirmed": {"1"}, "id": ids(o.root.ID)}).MustStatus(http.StatusConflict)
		}
		rolePath := fmt.Sprintf("/admin/roles/%d", o.admins.ID)
		o.edit(rolePath, url.Values{"_present": {"permissions"}, "permissions": {"posts.*"}}).MustStatus(http.StatusUnprocessableEntity)
		o.edit(rolePath, url.Values{"_present": {"permissions"}, "permissions": {"* not!valid"}}).MustStatus(http.StatusUnprocessableEntity)
		o.post("/admin/roles/bulk", url.Values{"_action": {"delete"}, "_confirmed": {"1"}, "id": ids(o.admins.ID)}).MustStatus(http.StatusConflict)
		if o.roles(o.root) != "admin" || load[Person](o.app, o.root.ID).DisabledAt != nil {
			t.Error("root is locked out")
		}
		// A user without an account cannot remove the last administrator either.
		o.as("*")
		o.actor.Load().ID = "command"
		o.post("/admin/users/bulk", url.Values{"_action": {"disable"}, "_confirmed": {"1"}, "id": ids(o.root.ID)}).MustStatus(http.StatusConflict)
		o.edit(o.userPath(o.root), giving()).MustStatus(http.StatusUnprocessableEntity)
		o.edit(o.userPath(o.clerk), giving()).MustStatus(ok)
	})
}

// Threat: two administrators take each other's role at the same moment, and none is left.
func TestLastAdministratorsAtOnce(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		second := o.person("second", o.admins)
		o.as("*")
		o.actor.Load().ID = "command"
		var forms [2]url.Values
		for i, p := range []Person{o.root, second} {
			forms[i] = giving()
			forms[i].Set("_version", o.Client().Get(o.userPath(p)).Attr("input[name=_version]", "value"))
		}
		var wg sync.WaitGroup
		for i, p := range []Person{o.root, second} {
			wg.Go(func() {
				if r, err := http.PostForm(o.URL+o.userPath(p), forms[i]); err == nil {
					_ = r.Body.Close()
				}
			})
		}
		wg.Wait()
		if o.roles(o.root)+o.roles(second) != "admin" {
			t.Errorf("root %q, second %q; want one administrator left", o.roles(o.root), o.roles(second))
		}
	})
}
