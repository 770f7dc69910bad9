// covet:file api
// covet:file auth

package about

import (
	"context"

	"github.com/covetgo/covet/app/api"
)

// MeInput requires authentication by a session or an access token of any scope.
type MeInput struct {
	api.Actor
}

// MeOutput is the response of GET /api/me.
type MeOutput struct {
	Body Me
}

// Me describes the actor.
type Me struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Email       string   `json:"email"`
	Permissions []string `json:"permissions" doc:"permissions of the actor's roles"`
}

// Me handles GET /api/me.
func (h *Handler) Me(_ context.Context, in *MeInput) (*MeOutput, error) {
	return &MeOutput{Body: Me{
		ID: in.ID, Name: in.Name, Email: in.Email, Permissions: in.Permissions,
	}}, nil
}
