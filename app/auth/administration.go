package auth

import (
	"context"
	"fmt"

	covetmodels "github.com/covetgo/covet/models"
)

// SendPasswordLink mails a link with which to set a password to the account with this address, as if its owner had asked
// for one; it is for those who look after accounts. The mail is a job in the transaction that ctx carries, if any. Without
// such an account no link is sent.
func (m *Module) SendPasswordLink(ctx context.Context, email string) error {
	err := m.app.DB.Transaction(ctx, func(ctx context.Context) error {
		return m.requestLink(ctx, covetmodels.Token{Purpose: purposeReset, Email: normalize(email)})
	})
	if err != nil {
		return fmt.Errorf("sending a link for a password: %w", err)
	}
	return nil
}

// TellOldAddress mails whoever reads an address that it is no longer that of an account, as happens when people change
// theirs; it is for those who look after accounts. The mail is a job in the transaction that ctx carries, if any.
func (m *Module) TellOldAddress(ctx context.Context, before string) error {
	if err := m.notify(ctx, "moved", before); err != nil {
		return fmt.Errorf("telling an address that it was replaced: %w", err)
	}
	return nil
}
