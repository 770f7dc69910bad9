// Package contact is the contact form: it stores each message and enqueues a
// job that notifies the team.
package contact

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/throttle"
	"github.com/covetgo/covet/app/web"
	covetjobs "github.com/covetgo/covet/jobs"

	"github.com/covetgo/covet/scaffold/skeleton/config"
	"github.com/covetgo/covet/scaffold/skeleton/jobs"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// Form is the contact form.
type Form struct {
	Name  string `form:"name" required:"true" maxLength:"100" pattern:"^\\PC*$" patternDescription:"one line"`
	Email string `form:"email" required:"true" format:"email" maxLength:"254"`
	Body  string `form:"body" required:"true" minLength:"10" maxLength:"5000"`
}

// Handler serves the contact form.
type Handler struct {
	db    *database.DB
	jobs  *covetjobs.Client
	limit *middleware.ClientLimit
}

// Routes registers the contact form.
func Routes(a *covet.App, cfg config.Contact) {
	rate := throttle.Rate{Limit: cfg.PerAddress, Per: time.Hour}
	h := &Handler{a.DB, a.Jobs, middleware.NewClientLimit(throttle.New(a.Redis, "contact"), rate)}
	a.Echo.GET("/contact", h.Show)
	a.Echo.POST("/contact", h.Send)
}

// Show handles GET /contact with the empty form.
func (h *Handler) Show(c echo.Context) error {
	return web.Render(c, http.StatusOK, page(Form{}, nil, ""))
}

// Send handles POST /contact: it shows an invalid form, or one above the limit, again, and confirms a valid one.
func (h *Handler) Send(c echo.Context) error {
	var form Form
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return web.Render(c, http.StatusUnprocessableEntity, page(form, errs, ""))
	}
	if err := h.limit.Allow(c.Request().Context()); err != nil {
		return web.RenderRefusal(c, err, func(message string) templ.Component { return page(form, nil, message) })
	}
	if err := h.store(c.Request().Context(), form); err != nil {
		return fmt.Errorf("storing a message: %w", err)
	}
	if err := web.Flash(c, "Thank you. Your message is on its way."); err != nil {
		return err
	}
	return web.Redirect(c, "/contact")
}

// store stores the message and the job that notifies the team in one transaction.
func (h *Handler) store(ctx context.Context, form Form) error {
	return h.db.Transaction(ctx, func(ctx context.Context) error {
		message := models.Message{Name: form.Name, Email: form.Email, Body: form.Body}
		if err := h.db.With(ctx).Create(&message).Error; err != nil {
			return err
		}
		_, err := h.jobs.Enqueue(ctx, jobs.NotifyTeam{MessageID: message.ID})
		return err
	})
}
