// Package notes is a battery as docs/modules.md describes it: notes that staff write in the admin, of which one can be
// pinned and is then shown on every page.
package notes

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/spf13/cobra"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/command"
	"github.com/covetgo/covet/app/database"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmigrations "github.com/covetgo/covet/migrations"
)

// Note is a note of the staff.
type Note struct {
	ID        int64
	Body      string `required:"true" maxLength:"500"`
	Pinned    bool
	CreatedAt time.Time
}

// Config configures the notes. Its zero value is ready.
type Config struct {
	// Retention is how long notes are kept. Defaults to forever.
	Retention time.Duration `min:"0s" doc:"how long notes are kept; 0: forever"`
}

// Module is the battery. Make it with [New].
type Module struct {
	cfg Config
	db  *database.DB // set by Routes
}

var (
	_ covet.Module             = (*Module)(nil)
	_ covet.Router             = (*Module)(nil)
	_ covet.Worker             = (*Module)(nil)
	_ covet.Migrator           = (*Module)(nil)
	_ covet.MiddlewareProvider = (*Module)(nil)
	_ covet.SectionProvider    = (*Module)(nil)
	_ covet.HealthChecker      = (*Module)(nil)
	_ covet.Warner             = (*Module)(nil)
	_ command.Provider         = (*Module)(nil)
)

// New returns the battery.
func New(cfg Config) *Module { return &Module{cfg: cfg} }

// Name is "notes".
func (m *Module) Name() string { return "notes" }

// Routes takes what the battery needs from the application. Its pages are those of its section.
func (m *Module) Routes(a *covet.App) error {
	m.db = a.DB
	return nil
}

//go:embed all:migrations
var files embed.FS

// Migrations returns the migrations of the table notes.
func (m *Module) Migrations() covetmigrations.Source {
	below, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the name is valid
	}
	return covetmigrations.Source{Name: "notes", FS: below}
}

// prune deletes notes that are older than the retention.
type prune struct{}

// Work implements the job.
func (prune) Work(ctx context.Context, m *Module) error {
	return m.db.With(ctx).Where("created_at < ?", time.Now().Add(-m.cfg.Retention)).Delete(&Note{}).Error
}

// RegisterJobs schedules the deletion of old notes.
func (m *Module) RegisterJobs(a *covet.App) error {
	if m.cfg.Retention > 0 {
		covetjobs.Register[prune](a.Jobs, m)
		a.Jobs.Schedule("notes-prune", "@daily", prune{})
	}
	return nil
}

type pinnedKey struct{}

// Middleware puts the pinned note into the context of requests for pages.
func (m *Module) Middleware() []covet.Middleware {
	return []covet.Middleware{{Name: "pinned note", Position: covet.BeforeRouting, Func: m.withPinned}}
}

func (m *Module) withPinned(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		find := func() (string, error) { return m.pinned(r.Context()) }
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), pinnedKey{}, find)))
		return next(c)
	}
}

// Pinned returns the text of the pinned note, or "" if there is none. It queries the database when it is called, so that
// requests that show no note cost nothing.
func Pinned(ctx context.Context) (string, error) {
	find, ok := ctx.Value(pinnedKey{}).(func() (string, error))
	if !ok {
		return "", nil
	}
	return find()
}

func (m *Module) pinned(ctx context.Context) (string, error) {
	var note Note
	err := m.db.With(ctx).Where("pinned").Order("id DESC").Take(&note).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("finding the pinned note: %w", err)
	}
	return note.Body, nil
}

// Health reports whether the notes can be read.
func (m *Module) Health(ctx context.Context) error {
	var n int64
	return m.db.With(ctx).Model(&Note{}).Limit(1).Count(&n).Error
}

// Warnings warns about notes that are never deleted.
func (m *Module) Warnings() []string {
	if m.cfg.Retention == 0 {
		return []string{"notes are kept forever: set notes.retention to delete old ones"}
	}
	return nil
}

// Commands returns the command "notes", which lists the notes.
func (m *Module) Commands(a *covet.App) []*cobra.Command {
	return []*cobra.Command{{
		Use:   "notes",
		Short: "List the notes of the staff",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			defer func() { _ = a.Stop(context.WithoutCancel(cmd.Context())) }()
			var notes []Note
			if err := m.db.With(cmd.Context()).Order("id").Find(&notes).Error; err != nil {
				return fmt.Errorf("listing notes: %w", err)
			}
			for _, note := range notes {
				fmt.Fprintf(cmd.OutOrStdout(), "%d\t%s\n", note.ID, note.Body)
			}
			return nil
		},
	}}
}
