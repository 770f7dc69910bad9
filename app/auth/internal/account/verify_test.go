package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/problem"
	covetmodels "github.com/covetgo/covet/models"
)

// Threat: a response that comes before anything is hashed. Whatever the account and the password, verifying it waits
// for its turn to hash, which it does not get here.
func TestEveryVerificationHashes(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, user := range map[string]*covetmodels.User{"unknown": nil, "without a password": {}} {
		for _, plain := range []string{"", "short", strings.Repeat("x", maxPassword+1), strings.Repeat("x", 1<<20)} {
			if ok, err := new(Store).Verify(ctx, user, plain); ok || !errors.Is(err, context.Canceled) {
				t.Errorf("%s, %d characters: %t, %v", name, len(plain), ok, err)
			}
		}
	}
}

// A full queue for hashing is reported as temporary, also when the error is wrapped.
func TestBusy(t *testing.T) {
	t.Parallel()
	got := problem.From(fmt.Errorf("verifying a password: %w", busy(fmt.Errorf("hashing: %w", password.ErrBusy))))
	if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "5" {
		t.Errorf("the problem is %d with %v", got.Status, got.Header)
	}
	if err := busy(context.Canceled); !errors.Is(err, context.Canceled) || errors.Is(err, password.ErrBusy) {
		t.Errorf("another error became %v", err)
	}
}
