package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/auth/internal/authdb"
	"github.com/covetgo/covet/app/auth/internal/flow"
	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/internal/fortest"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { testserver.Exit(m.Run()) }

// newStore returns the accounts of db, and the notices that they mail.
func newStore(db *database.DB) (*Store, *[]string) {
	var notices []string
	return &Store{
		DB: db, Log: slog.New(slog.DiscardHandler), Audit: audit.New(db), Passwords: password.Cheap(fortest.Only{}),
		Users:    NewModel[covetmodels.User](db, Hooks[covetmodels.User]{}),
		Sessions: session.NewStore(db, session.Limits{Idle: time.Hour, Max: time.Hour, RememberIdle: time.Hour, RememberMax: time.Hour}),
		Access:   token.NewAccessStore(db), Links: token.NewLinks(db, time.Hour, time.Hour), Logins: &flow.Flow{DB: db},
		Notify: func(_ context.Context, notice Notice) error {
			notices = append(notices, fmt.Sprintf("%s to %s: %d", notice.Letter, notice.To, notice.Tokens))
			return nil
		},
	}, &notices
}

// equip gives an account one credential of every kind.
func equip(t *testing.T, s *Store, user *covetmodels.User) {
	t.Helper()
	ctx := t.Context()
	_, _, err := s.Sessions.Begin(ctx, session.Start{UserID: user.ID})
	_, err2 := s.Access.Create(ctx, &covetmodels.AccessToken{UserID: user.ID, Name: "CI", Scopes: "*"})
	errs := []error{err, err2}
	for _, purpose := range []string{token.Reset, token.Verify, token.Email} {
		errs = append(errs, s.Links.Request(ctx, &covetmodels.Token{Purpose: purpose, UserID: &user.ID, Email: purpose + user.Email}))
	}
	errs = append(errs, s.Links.Request(ctx, &covetmodels.Token{Purpose: token.Reset, Email: user.Email})) // not yet mailed
	_, err = (&flow.Flow{DB: s.DB}).Wait(ctx, &flow.Pending{Attempt: login.Attempt{Account: user}}, "code")
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

// left lists the credentials that a user has, and the links that were requested for an address.
func left(t *testing.T, db *database.DB, user *covetmodels.User, email string) string {
	t.Helper()
	var found []string
	add := func(name string, model any, where string) {
		if n := authdb.Count(t, db, model, where+" = ?", user.ID); n > 0 {
			found = append(found, name)
		}
	}
	add("session", &covetmodels.Session{}, "user_id")
	add("login", &covetmodels.PendingLogin{}, "user_id")
	add("token", &covetmodels.AccessToken{}, "revoked_at IS NULL AND user_id")
	for _, purpose := range []string{token.Reset, token.Verify, token.Email} {
		add(purpose, &covetmodels.Token{}, "purpose = '"+purpose+"' AND user_id")
	}
	if n := authdb.Count(t, db, &covetmodels.Token{}, "user_id IS NULL AND email = ?", email); n > 0 {
		found = append(found, "requested")
	}
	return strings.Join(found, " ")
}

// The table of decisions: which credentials are left after each change, who is notified, and what is recorded.
func TestApply(t *testing.T) {
	t.Parallel()
	const all = "session login token reset verify email requested"
	tests := []struct {
		name           string
		change         Change
		left           string
		notice, action string
	}{
		{"password changed", Change{Kind: PasswordChanged, PasswordHash: "y"}, "requested", "password: 1", "auth.password_change"},
		{"password changed, tokens kept", Change{Kind: PasswordChanged, PasswordHash: "y", KeepTokens: true}, "token requested", "password: 0", "auth.password_change"},
		{"password reset", Change{Kind: PasswordReset, PasswordHash: "y"}, "requested", "password: 1", "auth.password_reset"},
		{"password reset, tokens kept", Change{Kind: PasswordReset, PasswordHash: "y", KeepTokens: true}, "token requested", "password: 0", "auth.password_reset"},
		{"address verified", Change{Kind: AddressVerified, KeepTokens: true}, all, "", "auth.email_verify"},
		{"address changed", Change{Kind: AddressChanged, Email: "new@example.com"}, "requested", "moved: 1", "auth.email_change"},
		{"address changed, tokens kept", Change{Kind: AddressChanged, Email: "kept@example.com", KeepTokens: true}, "token requested", "moved: 0", "auth.email_change"},
		{"locale changed", Change{Kind: LocaleChanged, Language: "de", TimeZone: "Europe/Berlin"}, all, "", "auth.locale_change"},
		{"disabled", Change{Kind: Disabled, KeepTokens: true}, "requested", "disabled: 1", "users.disable"},
		{"enabled", Change{Kind: Enabled, KeepTokens: true}, "requested", "enabled: 1", "users.enable"},
		{"role granted", Change{Kind: RoleGranted, Role: "admin"}, all, "", "users.promote"},
		{"role revoked", Change{Kind: RoleRevoked, Role: "admin"}, all, "", "users.demote"},
		{"signed out", Change{Kind: SignedOut}, "token requested", "", "auth.session_end"},
		{"deleted", Change{Kind: Deleted, KeepTokens: true}, "", "deleted: 1", "users.delete"},
	}
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		s, notices := newStore(db)
		bob := authdb.User(t, db, "bob@example.com")
		for i, tt := range tests {
			email := fmt.Sprintf("ada%d@example.com", i)
			ada := authdb.User(t, db, email)
			equip(t, s, ada)
			if got := left(t, db, ada, email); got != all {
				t.Fatalf("the account has %q", got)
			}
			if _, _, err := s.Sessions.Begin(t.Context(), session.Start{UserID: bob.ID}); err != nil {
				t.Fatal(err)
			}
			change := tt.change
			change.Account, change.ByOwner = ada, true
			err := db.Transaction(t.Context(), func(ctx context.Context) error { return s.Apply(ctx, change) })
			if err != nil {
				t.Fatal(err)
			}
			if got := left(t, db, ada, email); got != tt.left {
				t.Errorf("%s leaves %q, want %q", tt.name, got, tt.left)
			}
			if n := authdb.Count(t, db, &covetmodels.Session{}, "user_id = ?", bob.ID); n != int64(i)+1 {
				t.Errorf("%s ends sessions of another account", tt.name)
			}
			want := "[]"
			if tt.notice != "" {
				letter, tokens, _ := strings.Cut(tt.notice, ":")
				want = "[" + letter + " to " + email + ":" + tokens + "]"
			}
			if got := fmt.Sprint(*notices); got != want {
				t.Errorf("%s: the notices are %s, want %s", tt.name, got, want)
			}
			*notices = nil
			var entry covetmodels.AuditEntry
			if err := db.With(t.Context()).Where("subject = ?", audit.Subject("users", ada.ID)).Take(&entry).Error; err != nil {
				t.Fatal(err)
			}
			if entry.Action != tt.action || entry.ActorName != ada.Email {
				t.Errorf("%s: the audit log has %+v", tt.name, entry)
			}
			if got := strings.Contains(entry.Detail, `"revoked"`); got != (tt.left != all) {
				t.Errorf("%s: the detail of the entry is %s", tt.name, entry.Detail)
			}
			if got := strings.Contains(entry.Detail, `"access_tokens":1`); got == strings.Contains(tt.left, "token") {
				t.Errorf("%s: the detail of the entry is %s", tt.name, entry.Detail)
			}
		}
	})
}

// The same for changes that other code writes: the admin, a statement.
func TestSettle(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		s, notices := newStore(db)
		for _, kind := range []Kind{PasswordChanged, AddressReplaced, Disabled, Enabled, Deleted} {
			email := fmt.Sprintf("ada%d@example.com", kind)
			ada := authdb.User(t, db, email)
			equip(t, s, ada)
			err := db.Transaction(t.Context(), func(ctx context.Context) error {
				return s.Settle(ctx, Change{Kind: kind, Account: ada}, "before@example.com")
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := left(t, db, ada, email); got != "requested" {
				t.Errorf("change %d leaves %q", kind, got)
			}
			if got := fmt.Sprint(*notices); !strings.HasSuffix(got, " to before@example.com: 1]") {
				t.Errorf("change %d: the notices are %s", kind, got)
			}
			*notices = nil
			var entry covetmodels.AuditEntry
			if err := db.With(t.Context()).Where("subject = ?", audit.Subject("users", ada.ID)).Take(&entry).Error; err != nil {
				t.Fatal(err)
			}
			want := `"change":"` + decisions[kind].action + `"`
			if entry.Action != "auth.credentials_end" || !strings.Contains(entry.Detail, want) || !strings.Contains(entry.Detail, `"access_tokens":1`) {
				t.Errorf("change %d: the audit log has %+v", kind, entry)
			}
		}
	})
}

// Every change has a row in the table, with an entry for the audit log.
func TestDecisionsAreComplete(t *testing.T) {
	t.Parallel()
	for kind := PasswordChanged; kind <= Deleted; kind++ {
		if d, ok := decisions[kind]; !ok || d.action == "" {
			t.Errorf("change %d has no decision", kind)
		}
	}
}

// The account that the caller has is as the row is.
func TestApplySetsTheAccount(t *testing.T) {
	t.Parallel()
	db := authdb.SQLite(t)
	s, _ := newStore(db)
	ada := authdb.User(t, db, "ada@example.com")
	if err := db.With(t.Context()).Model(ada).Update("email_verified_at", nil).Error; err != nil {
		t.Fatal(err)
	}
	ada.EmailVerifiedAt = nil
	for _, change := range []Change{
		{Kind: PasswordChanged, PasswordHash: "y"},
		{Kind: PasswordReset, PasswordHash: "z"},
		{Kind: AddressVerified},
		{Kind: AddressChanged, Email: "new@example.com"},
		{Kind: Disabled},
		{Kind: Enabled},
	} {
		change.Account = ada
		if err := s.Apply(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		row, err := s.ByID(t.Context(), ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		same := func(a, b *time.Time) bool { return (a == nil) == (b == nil) && (a == nil || a.Equal(*b)) }
		if row.Email != ada.Email || row.PasswordHash != ada.PasswordHash || !same(row.DisabledAt, ada.DisabledAt) ||
			!same(row.EmailVerifiedAt, ada.EmailVerifiedAt) {
			t.Errorf("after change %d the account is %+v, and the row %+v", change.Kind, ada, row)
		}
	}
}

func TestApplyKeepsTheLastAdmin(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		s, _ := newStore(db)
		ada, bob := authdb.User(t, db, "ada@example.com"), authdb.User(t, db, "bob@example.com")
		apply := func(change Change) error {
			return db.Transaction(t.Context(), func(ctx context.Context) error { return s.Apply(ctx, change) })
		}
		if err := apply(Change{Kind: RoleGranted, Account: ada, Role: "admin"}); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []Kind{RoleRevoked, Disabled, Deleted} {
			copied := *ada
			if err := apply(Change{Kind: kind, Account: &copied, Role: "admin"}); !errors.Is(err, ErrLastAdmin) {
				t.Errorf("change %d of the last administrator: %v", kind, err)
			}
		}
		if err := apply(Change{Kind: Disabled, Account: bob}); err != nil {
			t.Errorf("another account: %v", err)
		}
		if err := apply(Change{Kind: RoleGranted, Account: bob, Role: "admin"}); err != nil {
			t.Fatal(err)
		}
		copied := *ada
		if err := apply(Change{Kind: Deleted, Account: &copied}); !errors.Is(err, ErrLastAdmin) {
			t.Errorf("the other administrator is disabled: %v", err)
		}
		var unknown *UnknownRoleError
		if err := apply(Change{Kind: RoleRevoked, Account: ada, Role: "king"}); !errors.As(err, &unknown) || unknown.Name != "king" {
			t.Errorf("an unknown role: %v", err)
		}
	})
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	db := authdb.SQLite(t)
	s, _ := newStore(db)
	ada := authdb.User(t, db, "ada@example.com")
	hash, err := s.Hash(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.With(t.Context()).Model(ada).Update("password_hash", hash).Error; err != nil {
		t.Fatal(err)
	}
	var limited []string
	limit := func(user *covetmodels.User) error {
		limited = append(limited, fmt.Sprint(user != nil))
		return nil
	}
	if user, err := s.Authenticate(t.Context(), "ada@example.com", "correct horse", limit); err != nil || user.ID != ada.ID {
		t.Errorf("the right password: %v, %v", user, err)
	}
	for _, email := range []string{"ada@example.com", "nobody@example.com", "my pass phrase"} {
		if user, err := s.Authenticate(t.Context(), email, "wrong", limit); err != nil || user != nil {
			t.Errorf("a wrong password: %v, %v", user, err)
		}
	}
	if got := strings.Join(limited, " "); got != "true true false false" {
		t.Errorf("the limit was asked with an account: %s", got)
	}
	refused := errors.New("too many")
	_, err = s.Authenticate(t.Context(), "ada@example.com", "correct horse", func(*covetmodels.User) error { return refused })
	if !errors.Is(err, refused) {
		t.Errorf("a refused attempt: %v", err)
	}
	if n := authdb.Count(t, db, &covetmodels.AuditEntry{}, "action = ?", "auth.login_failed"); n != 3 {
		t.Errorf("%d failures are recorded", n)
	}
	if n := authdb.Count(t, db, &covetmodels.AuditEntry{}, "detail LIKE ?", "%phrase%"); n != 0 {
		t.Error("a password in the wrong field is recorded")
	}
}

// A weak hash is replaced by the first log-in, unless the password was changed meanwhile; a malformed one matches
// nothing.
func TestVerifyReplacesHashes(t *testing.T) {
	t.Parallel()
	db := authdb.SQLite(t)
	s, _ := newStore(db)
	ada := authdb.User(t, db, "ada@example.com")
	if ok, err := s.Verify(t.Context(), ada, "U*U"); ok || err != nil {
		t.Errorf("a malformed hash: %t, %v", ok, err)
	}
	const bcrypt = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of "U*U"
	ada.PasswordHash = bcrypt
	if ok, err := s.Verify(t.Context(), ada, "U*U"); !ok || err != nil {
		t.Fatalf("bcrypt: %t, %v", ok, err)
	}
	row, err := s.ByID(t.Context(), ada.ID)
	if err != nil || row.PasswordHash != "x" {
		t.Errorf("a hash that was changed meanwhile is overwritten: %s, %v", row.PasswordHash, err)
	}
	if err := db.With(t.Context()).Model(ada).Update("password_hash", bcrypt).Error; err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Verify(t.Context(), ada, "U*U"); !ok || err != nil {
		t.Fatalf("bcrypt: %t, %v", ok, err)
	}
	row, err = s.ByID(t.Context(), ada.ID)
	if err != nil || !strings.HasPrefix(row.PasswordHash, "$argon2id$") || row.PasswordHash != ada.PasswordHash {
		t.Errorf("the hash is %s, %v", row.PasswordHash, err)
	}
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{" Ada@Example.COM\t": "ada@example.com", "": "", "x": "x"} {
		if got := Normalize(email); got != want {
			t.Errorf("Normalize(%q) = %q", email, got)
		}
	}
	for email, want := range map[string]bool{
		"ada@example.com": true, "": false, "ada": false, "Ada <ada@example.com>": false, " ada@example.com": false,
		strings.Repeat("a", 251) + "@b.c": false,
	} {
		if got := IsEmail(email); got != want {
			t.Errorf("IsEmail(%q) = %t", email, got)
		}
	}
}
