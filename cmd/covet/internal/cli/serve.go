package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/config"
)

// serveOptions are the flags of covet serve.
type serveOptions struct {
	port     int
	host     string
	noWorker bool
	noReload bool
	open     bool
	poll     bool

	portGiven, hostGiven bool
}

func newServe(s streams) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Run the web server and, in development, the worker",
		Long: `Serve runs the application at http://localhost:8000.

In development it watches the files and rebuilds the application when they change.
Requests wait during a build; then the new process takes over and the browser
reloads. Errors are shown in the browser with their position. Styles and templates'
texts change without a build.

With APP_ENV=production or test, or with --no-reload, it builds the application once
and executes it.`,
		Example: `  covet serve
  covet serve --port 3000 --open
  APP_ENV=production covet serve`,
		GroupID: groupApplication,
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.portGiven, o.hostGiven = cmd.Flags().Changed("port"), cmd.Flags().Changed("host")
			if o.portGiven && (o.port < 0 || o.port > 65535) {
				return usageError(cmd, "", "--port must be between 0 and 65535, not %d", o.port)
			}
			if o.noReload && (o.open || o.poll) {
				return usageError(cmd, "", "--open and --poll require the dev server and cannot be combined with --no-reload")
			}
			return runServe(cmd.Context(), s, o)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.port, "port", 0, "TCP port to listen on; 0 chooses a free one (default 8000, or PORT)")
	flags.StringVar(&o.host, "host", "", "address to listen on (default localhost)")
	flags.BoolVar(&o.noWorker, "no-worker", false, "do not run jobs; run \"covet worker\" separately")
	flags.BoolVar(&o.noReload, "no-reload", false, "build once and do not watch files")
	flags.BoolVar(&o.open, "open", false, "open the application in the browser once it is ready")
	flags.BoolVar(&o.poll, "poll", false, "poll for changes, for file systems without change events")
	return cmd
}

// serveSettings are the keys of an application's configuration that the dev server needs.
type serveSettings struct {
	App struct {
		Env string `default:"development"`
		URL string
	}
	Bind  string
	Port  int `default:"8000" min:"0" max:"65535"`
	Redis struct{ URL string }
	Dev   struct{ Editor string }
}

// readSettings reads the settings of the application in root.
func readSettings(root string) (serveSettings, error) {
	loaded, err := config.Peek[serveSettings](config.Options{Dir: root})
	if err != nil {
		return serveSettings{}, exit.Wrap(exit.Config, "", err)
	}
	return loaded.Value, nil
}

// runServe runs the dev server in development, and otherwise the application itself.
func runServe(ctx context.Context, s streams, o serveOptions) error {
	app, err := currentProject()
	if err != nil {
		return err
	}
	settings, err := readSettings(app.root)
	if err != nil {
		return err
	}
	if o.noReload || settings.App.Env != config.Development {
		return forward(ctx, s, append([]string{"serve"}, o.arguments()...))
	}
	return serveDevelopment(ctx, s, app, settings, o)
}

// arguments are the flags that are passed to the application.
func (o serveOptions) arguments() []string {
	var args []string
	if o.portGiven {
		args = append(args, "--port", strconv.Itoa(o.port))
	}
	if o.hostGiven {
		args = append(args, "--host", o.host)
	}
	if o.noWorker {
		args = append(args, "--no-worker")
	}
	return args
}
