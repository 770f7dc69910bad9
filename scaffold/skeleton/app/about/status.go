// covet:file api

// Package about holds the endpoints of Covet App that are about the application as
// a whole, and about who asks.
package about

import "context"

// Handler answers for the application.
type Handler struct{ name string }

// New returns the handler of the application called name.
func New(name string) *Handler { return &Handler{name: name} }

// StatusOutput is the answer of GET /api/status.
type StatusOutput struct {
	Body Status
}

// Status says which application this is.
type Status struct {
	Name   string `json:"name" doc:"what people call the application"`
	Status string `json:"status" enum:"ok"`
}

// Status answers GET /api/status.
func (h *Handler) Status(context.Context, *struct{}) (*StatusOutput, error) {
	return &StatusOutput{Body: Status{Name: h.name, Status: "ok"}}, nil
}
