package identify

import (
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// Holder is the account that a session or an access token belongs to, as it was read. It is shared and not to be
// changed.
type Holder struct {
	// Model points to the application's model, in which Account is embedded.
	Model   any
	Account *covetmodels.User
	// Name is what the application calls the user, or empty.
	Name string
	// Permissions are those of all roles of the account.
	Permissions []string
	// Session is the session of a browser, or nil; Token is the access token of a program, or nil.
	Session *covetmodels.Session
	Token   *covetmodels.AccessToken
}

// Actor returns the holder as policies, the log and the audit log know it.
func (h *Holder) Actor() identity.Actor {
	actor := identity.Actor{
		ID: strconv.FormatInt(h.Account.ID, 10), Name: h.Name, Email: h.Account.Email, Permissions: h.Permissions,
	}
	if h.Token != nil {
		actor.Token, actor.Scopes = true, strings.Fields(h.Token.Scopes)
		if actor.Scopes == nil {
			actor.Scopes = []string{} // none: nil would mean all
		}
	}
	if h.Session != nil {
		actor.SignedInAt = h.Session.SignedInAt
	}
	return actor
}
