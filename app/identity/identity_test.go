package identity_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/covetgo/covet/app/identity"
)

func ExampleFrom() {
	ctx := identity.With(context.Background(), identity.Actor{ID: "42", Name: "Ada"})
	actor, ok := identity.From(ctx)
	fmt.Println(actor.Name, ok)
	// Output: Ada true
}

func TestNobody(t *testing.T) {
	t.Parallel()
	if actor, ok := identity.From(t.Context()); ok || actor != (identity.Actor{}) {
		t.Errorf("From = %v, %v; want nobody", actor, ok)
	}
}
