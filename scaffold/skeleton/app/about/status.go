// covet:file api

// Package about contains the endpoints about the application and the actor.
package about

import "context"

// Handler contains the endpoints.
type Handler struct{ name string }

// New returns the handler of the application called name.
func New(name string) *Handler { return &Handler{name: name} }

// StatusOutput is the response of GET /api/status.
type StatusOutput struct {
	Body Status
}

// Status describes the application.
type Status struct {
	Name   string `json:"name" doc:"name of the application"`
	Status string `json:"status" enum:"ok"`
}

// Status handles GET /api/status.
func (h *Handler) Status(context.Context, *struct{}) (*StatusOutput, error) {
	return &StatusOutput{Body: Status{Name: h.name, Status: "ok"}}, nil
}
