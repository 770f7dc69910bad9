// covet:file api
// covet:file auth

package about

import (
	"context"

	"github.com/covetgo/covet/app/api"
)

// MeInput demands that somebody is signed in, by a session or an access token of any
// scope: it tells nothing but who they are.
type MeInput struct {
	api.Actor
}

// MeOutput is the answer of GET /api/me.
type MeOutput struct {
	Body Me
}

// Me is who asks.
type Me struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Email       string   `json:"email"`
	Permissions []string `json:"permissions" doc:"what the roles of the actor allow"`
}

// Me answers GET /api/me.
func (h *Handler) Me(_ context.Context, in *MeInput) (*MeOutput, error) {
	return &MeOutput{Body: Me{
		ID: in.ID, Name: in.Name, Email: in.Email, Permissions: in.Permissions,
	}}, nil
}
