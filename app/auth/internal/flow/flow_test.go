package flow

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/authdb"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { testserver.Exit(m.Run()) }

// step is one that is asked whether it is required.
type step struct {
	name     string
	required func(*login.Attempt) (bool, error)
}

func (s step) Name() string { return s.name }

func (s step) Required(_ context.Context, attempt *login.Attempt) (bool, error) {
	return s.required(attempt)
}

func (s step) Serve(echo.Context, *login.Attempt) (bool, error) { return true, nil }

func always(*login.Attempt) (bool, error) { return true, nil }

func never(*login.Attempt) (bool, error) { return false, nil }

func TestNext(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	f := &Flow{Steps: []login.Step{
		step{"password", always},
		step{"never", never},
		step{"code", always},
		step{"guests", func(a *login.Attempt) (bool, error) { return a.Method == "guest", nil }},
		step{"terms", always},
		step{"broken", func(*login.Attempt) (bool, error) { return false, broken }},
	}}
	for passed, want := range map[string]string{"password": "code", "never": "code", "code": "terms", "guests": "terms"} {
		if got, err := f.Next(t.Context(), &login.Attempt{Method: "password"}, passed); err != nil || got.Name() != want {
			t.Errorf("after %s comes %v, %v", passed, got, err)
		}
	}
	if got, err := f.Next(t.Context(), &login.Attempt{Method: "guest"}, "code"); err != nil || got.Name() != "guests" {
		t.Errorf("for a guest comes %v, %v", got, err)
	}
	if got, err := f.Next(t.Context(), &login.Attempt{}, "broken"); err != nil || got != nil {
		t.Errorf("after the last comes %v, %v", got, err)
	}
	if _, err := f.Next(t.Context(), &login.Attempt{}, "terms"); !errors.Is(err, broken) {
		t.Errorf("a step that cannot tell: %v", err)
	}
	// Threat: a step that is misspelled, or was taken out, lets a log-in pass.
	if got, err := f.Next(t.Context(), &login.Attempt{}, "pasword"); err == nil {
		t.Errorf("after an unknown step comes %v", got)
	}
}

func TestPendingLogin(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		f, ctx := &Flow{DB: db}, t.Context()
		ada := authdb.User(t, db, "ada@example.com")
		begun := &Pending{Attempt: login.Attempt{Account: ada, Method: "password", Remember: true, Next: "/posts?page=2"}}
		if begun.Stored() || f.Complete(ctx, begun) != nil {
			t.Error("a log-in is stored before it waits")
		}
		secret, err := f.Wait(ctx, begun, "code")
		if err != nil || len(secret) != 43 {
			t.Fatalf("%q, %v", secret, err)
		}
		p, err := f.Resume(ctx, secret, "code")
		if err != nil {
			t.Fatal(err)
		}
		if p.Account.ID != ada.ID || p.Method != "password" || !p.Remember || p.Next != "/posts?page=2" || len(p.Data) != 0 {
			t.Errorf("the attempt is %+v", p.Attempt)
		}
		if err := p.Keep(ctx, []byte(`{"challenge":"é"}`)); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"long": make([]byte, login.MaxData+1), "binary": {0xff}} {
			if err := p.Keep(ctx, data); err == nil {
				t.Errorf("%s data is kept", name)
			}
		}
		var other *StepError
		if _, err := f.Resume(ctx, secret, "terms"); !errors.As(err, &other) || other.Waiting != "code" {
			t.Errorf("another step: %v", err)
		}
		if p, err = f.Resume(ctx, secret, "code"); err != nil || string(p.Data) != `{"challenge":"é"}` {
			t.Errorf("it has kept %q, %v", p.Data, err)
		}
		late, err := f.Resume(ctx, secret, "code") // the same request, twice
		if err != nil {
			t.Fatal(err)
		}
		if again, err := f.Wait(ctx, p, "terms"); again != "" || err != nil {
			t.Errorf("%q, %v", again, err)
		}
		if _, err := f.Wait(ctx, late, "terms"); !errors.Is(err, ErrNone) {
			t.Errorf("a step is passed twice: %v", err)
		}
		if err := f.Complete(ctx, late); !errors.Is(err, ErrNone) {
			t.Errorf("a step is skipped: %v", err)
		}
		if p, err = f.Resume(ctx, secret, "terms"); err != nil || len(p.Data) != 0 {
			t.Errorf("the next step has the data of the one before: %q, %v", p.Data, err)
		}
		for name, made := range map[string]string{"none": "", "made up": token.New(), "the hash": token.Hash(secret)} {
			if _, err := f.Resume(ctx, made, "terms"); !errors.Is(err, ErrNone) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := f.Complete(ctx, p); err != nil {
			t.Fatal(err)
		}
		if err := f.Complete(ctx, p); !errors.Is(err, ErrNone) {
			t.Errorf("completed twice: %v", err)
		}
		if _, err := f.Resume(ctx, secret, "terms"); !errors.Is(err, ErrNone) {
			t.Errorf("resumed when complete: %v", err)
		}
	})
}

// Threat: two requests complete one log-in at the same moment.
func TestCompleteOnce(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		f := &Flow{DB: db}
		p := &Pending{Attempt: login.Attempt{Account: authdb.User(t, db, "ada@example.com")}}
		if _, err := f.Wait(t.Context(), p, "code"); err != nil {
			t.Fatal(err)
		}
		var completed atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := db.Transaction(t.Context(), func(ctx context.Context) error { return f.Complete(ctx, p) })
				if err == nil {
					completed.Add(1)
				} else if !errors.Is(err, ErrNone) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := completed.Load(); n != 1 {
			t.Errorf("it was completed %d times", n)
		}
	})
}

// What authenticates an account ends its pending log-ins when it changes.
func TestPendingLoginOfAChangedAccount(t *testing.T) {
	t.Parallel()
	for column, value := range map[string]any{
		"email": "new@example.com", "password_hash": "y", "disabled_at": time.Now().UTC(), "email_verified_at": time.Now().UTC(),
	} {
		db := authdb.SQLite(t)
		f, ada := &Flow{DB: db}, authdb.User(t, db, "ada@example.com")
		secret, err := f.Wait(t.Context(), &Pending{Attempt: login.Attempt{Account: ada}}, "code")
		if err != nil {
			t.Fatal(err)
		}
		if err := db.With(t.Context()).Model(ada).Update(column, value).Error; err != nil {
			t.Fatal(err)
		}
		_, err = f.Resume(t.Context(), secret, "code")
		if ends := column != "email_verified_at"; errors.Is(err, ErrNone) != ends {
			t.Errorf("after a change of %s: %v", column, err)
		}
	}
}

func TestEndAndPrune(t *testing.T) {
	t.Parallel()
	authdb.Each(t, func(t *testing.T, db *database.DB) {
		f, ctx := &Flow{DB: db}, t.Context()
		ada, bob := authdb.User(t, db, "ada@example.com"), authdb.User(t, db, "bob@example.com")
		secrets := map[string]string{}
		for _, user := range []*covetmodels.User{ada, bob} {
			secret, err := f.Wait(ctx, &Pending{Attempt: login.Attempt{Account: user}}, "code")
			if err != nil {
				t.Fatal(err)
			}
			secrets[user.Email] = secret
		}
		if _, err := f.Wait(ctx, &Pending{Attempt: login.Attempt{Method: "example"}}, "example"); err != nil {
			t.Fatal(err)
		}
		if n, err := f.EndAll(ctx, ada.ID); n != 1 || err != nil {
			t.Fatal(err)
		}
		if _, err := f.Resume(ctx, secrets[ada.Email], "code"); !errors.Is(err, ErrNone) {
			t.Errorf("ended: %v", err)
		}
		if _, err := f.Resume(ctx, secrets[bob.Email], "code"); err != nil {
			t.Errorf("that of another user: %v", err)
		}
		if err := f.Prune(ctx, token.Now().Add(Lifetime-time.Minute)); err != nil || authdb.Count(t, db, &covetmodels.PendingLogin{}) != 2 {
			t.Errorf("log-ins end early: %v", err)
		}
		if err := f.Prune(ctx, token.Now().Add(Lifetime+time.Minute)); err != nil || authdb.Count(t, db, &covetmodels.PendingLogin{}) != 0 {
			t.Errorf("expired log-ins are left: %v", err)
		}
	})
}

func TestStepError(t *testing.T) {
	t.Parallel()
	if text := (&StepError{Waiting: "code"}).Error(); !strings.Contains(text, `"code"`) {
		t.Errorf("the error is %q", text)
	}
}
