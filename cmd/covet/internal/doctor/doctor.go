// Package doctor finds problems of an application without building or changing it:
//
//	for _, finding := range doctor.Examine(ctx, doctor.App{Root: "/srv/blog", Name: "blog"}) {
//		fmt.Println(finding.Status, finding.Name, finding.Detail, finding.Fix)
//	}
//
// The checks are independent of each other. They run concurrently, each with a timeout.
package doctor

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/mod/modfile"

	"github.com/covetgo/covet/config"
)

const libraryPath = "github.com/covetgo/covet"

// Status is the outcome of a check.
type Status string

// The outcomes.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failed  Status = "failed"
)

// Finding is the result of one check.
type Finding struct {
	// Name is what was checked.
	Name string `json:"name"`
	// Status is the outcome.
	Status Status `json:"status"`
	// Detail is one line about the result.
	Detail string `json:"detail"`
	// Fix is the command that fixes the problem, or what to do. It is empty if there is no problem.
	Fix string `json:"fix"`
}

// App is an application on disk, and the command that examines it.
type App struct {
	// Root is its folder, an absolute path, and Name that of its command.
	Root, Name string
	// Environ is the environment as "NAME=value" strings. Defaults to os.Environ().
	Environ []string
	// Version is the release of the covet command, or Checkout the folder that it was built from.
	Version, Checkout string
	// Timeout bounds each check. Defaults to 3 seconds.
	Timeout time.Duration
}

// check is one check.
type check struct {
	name string
	run  func(ctx context.Context, p *inspection) outcome
}

// outcome is a finding without its name.
type outcome struct {
	status      Status
	detail, fix string
}

func passed(detail string) outcome       { return outcome{OK, detail, ""} }
func warning(detail, fix string) outcome { return outcome{Warning, detail, fix} }
func failed(detail, fix string) outcome  { return outcome{Failed, detail, fix} }

// checks are all checks, in the order in which they are shown.
func checks() []check {
	return []check{
		{"go", checkGo},
		{"workspace", checkWorkspace},
		{"git", checkGit},
		{".env", checkDotenv},
		{"secret key", checkSecret},
		{"library", checkLibrary},
		{"templ", checkTempl},
		{"views", checkViews},
		{"modules", checkModules},
		{"places", checkPlaces},
		{"generated", checkGenerated},
		{"migrations", checkMigrations},
		{"migration files", checkMigrationFiles},
		{"configuration", checkConfiguration},
		{"database", checkDatabase},
		{"redis", checkRedis},
		{"mail", checkMail},
		{"files", checkFiles},
		{"port", checkPort},
	}
}

// Examine runs every check and returns their findings, always in the same order.
func Examine(ctx context.Context, app App) []Finding {
	return examine(ctx, app, checks())
}

func examine(ctx context.Context, app App, checks []check) []Finding {
	if app.Environ == nil {
		app.Environ = os.Environ()
	}
	if app.Timeout == 0 {
		app.Timeout = 3 * time.Second
	}
	p := newInspection(app)
	findings := make([]Finding, len(checks))
	var running sync.WaitGroup
	for i, check := range checks {
		running.Go(func() {
			o := runInTime(ctx, check, p, app.Timeout)
			findings[i] = Finding{check.name, o.status, strings.TrimSuffix(oneLine(o.detail), "."), oneLine(o.fix)}
		})
	}
	running.Wait()
	return findings
}

// oneLine puts the output of files and programs on one line and removes escape sequences for the terminal.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(clean), " ")
}

// abbreviate joins the first items for a sentence, with the number of the others.
func abbreviate(items []string) string {
	const limit = 3
	if len(items) <= limit {
		return strings.Join(items, "; ")
	}
	return strings.Join(items[:limit], "; ") + "; and " + count(len(items)-limit, "more", "more")
}

// inspection is an application with the data that several checks need, read once.
type inspection struct {
	App
	mod      func() (*modfile.File, error)
	settings func() (settings, error)
}

func newInspection(app App) *inspection {
	p := &inspection{App: app}
	p.mod = sync.OnceValues(p.readMod)
	p.settings = sync.OnceValues(p.readSettings)
	return p
}

// settings are the keys of the configuration that checks need.
type settings struct {
	App struct {
		Env     string `default:"development"`
		DataDir string `default:"storage"`
	}
	Bind      string
	Port      int    `default:"8000" min:"0" max:"65535"`
	SecretKey string `secret:"true"`
	Database  struct{ URL string }
	Redis     struct{ URL string }
	SMTP      struct{ URL string } `config:"smtp"`
	Storage   struct{ URL string }
}

func (s settings) production() bool { return s.App.Env == config.Production }

func (in *inspection) readSettings() (settings, error) {
	loaded, err := config.Peek[settings](config.Options{Dir: in.Root, Environ: in.Environ})
	if err != nil {
		return settings{}, err
	}
	return loaded.Value, nil
}

// unreadable is the result of a check that needs an unreadable configuration.
func unreadable(error) outcome {
	return warning("not checked: the configuration is unreadable", "covet config")
}

// reason returns the text of a configuration error without its common prefix.
func reason(err error) string {
	var faulty *config.Error
	if !errors.As(err, &faulty) {
		return err.Error()
	}
	var faults []string
	for _, fault := range faulty.Faults {
		faults = append(faults, strings.TrimSuffix(strings.TrimSpace(fault.String()+". "+fault.Hint), "."))
	}
	return abbreviate(faults)
}
