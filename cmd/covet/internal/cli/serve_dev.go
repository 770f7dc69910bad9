package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/covetgo/covet/app/exit"
	covetredis "github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/cmd/covet/internal/devserver"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/port"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/terminal"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
	"github.com/covetgo/covet/internal/devlink"
)

// devSession is one run of the dev server with its resources.
type devSession struct {
	app       project
	options   serveOptions
	settings  serveSettings
	chosen    bool   // whether the port was set on the command line
	folder    string // for binaries and texts of this dev server
	link      devlink.Link
	templates *templates
	published devlink.Link // how other commands find the dev server
	remove    func() error // removes the link
	screen    *terminal.Screen
	redis     *covetredis.Listener // nil until an application needs it
	messages  chan devlink.Message
	closers   []func() // called by close, the last one first
	servers   sync.WaitGroup
}

// serveDevelopment runs the dev server until it is stopped.
func serveDevelopment(ctx context.Context, s streams, app project, settings serveSettings, o serveOptions) error {
	goCommand, err := build.FindGo()
	if err != nil {
		return err
	}
	d := &devSession{
		app: app, options: o, settings: settings, messages: make(chan devlink.Message), templates: &templates{root: app.root},
	}
	defer d.close()
	ctx, kill := d.signals(ctx)
	if err := d.prepare(); err != nil {
		return err
	}
	listeners, err := d.takePort(ctx, s)
	if err != nil {
		return err
	}
	watcher, err := watch.Open(watch.Config{Root: app.root, Poll: o.poll})
	if err != nil {
		return exit.Wrap(exit.Failure, "Make the folder readable.", err)
	}
	d.closers = append(d.closers, watcher.Close)
	if err := d.control(ctx); err != nil {
		return err
	}
	keys := d.terminal(s)
	var server *devserver.Server
	public := d.open(listeners,
		func(ctx context.Context) error { return server.Migrate(ctx) },
		func(ctx context.Context) error { return server.Restart(ctx) })
	builder := build.New(build.Config{
		Root:   app.root,
		Name:   app.name,
		Go:     goCommand,
		Folder: d.folder,
		Flags:  buildFlags(),
	})
	server = devserver.New(devserver.Config{
		Root: app.root, Watcher: watcher, Refresh: d.templates.refresh, Builder: lockedBuilder{builder, app.root},
		Start: d.start, Migrate: d.migrate, Messages: d.messages, Proxy: public, Screen: d.screen,
		Keys: keys, Browse: d.browse, FirstOpen: o.open, Kill: kill,
	})
	d.printAddress(watcher)
	return server.Run(ctx)
}

// close releases the resources of the dev server.
func (d *devSession) close() {
	for _, closer := range slices.Backward(d.closers) {
		closer()
	}
	d.servers.Wait()
}

// signals cancels the context at the first signal, and closes kill at the second.
func (d *devSession) signals(ctx context.Context) (context.Context, <-chan struct{}) {
	ctx, cancel := context.WithCancel(ctx)
	received, kill, closed := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup does
		endings = append(endings, syscall.SIGHUP)
	}
	signal.Notify(received, endings...)
	d.servers.Go(func() {
		for count := 1; ; count++ {
			select {
			case <-received:
				cancel()
				if count == 2 {
					close(kill)
				}
			case <-closed:
				return
			}
		}
	})
	d.closers = append(d.closers, func() {
		signal.Stop(received)
		cancel()
		close(closed)
	})
	return ctx, kill
}

// prepare creates the folders of the dev server, and checks what no change of a file can fix.
func (d *devSession) prepare() error {
	unwritable := func(err error) error {
		return exit.Wrap(exit.Failure, "Make the application's .covet folder writable, or free some disk space.", err)
	}
	if err := build.Prepare(d.app.root); err != nil {
		return unwritable(err)
	}
	folder, _, release, err := build.Slot(d.app.root)
	if err != nil {
		return unwritable(err)
	}
	d.folder = folder
	d.closers = append(d.closers, release)
	if err := os.RemoveAll(d.texts()); err != nil { // left by a previous dev server
		return unwritable(err)
	}
	_, err = d.templates.open()
	return err
}

// texts is the folder for texts of templates.
func (d *devSession) texts() string { return filepath.Join(d.folder, "texts") }

// takePort listens on the public port and creates the link for applications.
func (d *devSession) takePort(ctx context.Context, s streams) ([]net.Listener, error) {
	host, number := d.settings.Bind, d.settings.Port
	if d.options.hostGiven {
		host = d.options.host
	}
	if d.chosen = d.options.portGiven; d.chosen {
		number = d.options.port
	}
	if host == "" {
		host = "localhost"
	}
	listeners, err := listen(ctx, s, d.app, host, number)
	if err != nil {
		return nil, err
	}
	d.options.port, d.options.portGiven = port.Of(listeners[0]), true
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	d.link = devlink.Link{
		Token: devlink.NewToken(), Public: "http://" + net.JoinHostPort(host, strconv.Itoa(d.options.port)),
		Root: d.app.root, Terminal: s.terminal,
		Color: s.terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
	}
	return listeners, nil
}

// control starts the server that the application reports to, and publishes the dev server for other commands.
func (d *devSession) control(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening for the application: %w", err)
	}
	d.link.Control = "http://" + l.Addr().String()
	ended := make(chan struct{})
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		Handler: devlink.Handler(d.link.Token, func(m devlink.Message) {
			select {
			case d.messages <- m:
			case <-ended:
			}
		}),
	}
	d.servers.Go(func() { _ = server.Serve(l) })
	d.closers = append(d.closers, func() {
		close(ended)
		_ = server.Close()
	})
	return d.shareRedis(ctx, d.settings)
}

// shareRedis starts an embedded Redis that outlives the application's processes, if the application configures none,
// and publishes the link, so that other commands of the application use it.
func (d *devSession) shareRedis(ctx context.Context, settings serveSettings) error {
	if settings.Redis.URL == "" && d.redis == nil {
		l, err := covetredis.Listen(ctx, d.link.Token)
		if err != nil {
			return err
		}
		d.redis = l
		d.closers = append(d.closers, func() { _ = l.Stop() })
	}
	d.link.Redis = ""
	if settings.Redis.URL == "" {
		d.link.Redis = d.redis.Address()
	}
	return d.publish(ctx)
}

// publish writes the link for other commands of the application, unless it exists.
func (d *devSession) publish(ctx context.Context) error {
	_, err := os.Stat(filepath.Join(d.app.root, ".covet", "loop.json"))
	if err == nil && d.published == d.link {
		return nil
	}
	remove, err := d.link.Publish(ctx, d.app.root)
	if err != nil {
		return exit.Wrap(exit.Failure, "Make the application's .covet folder writable, or free some disk space.", err)
	}
	if d.published == (devlink.Link{}) {
		d.closers = append(d.closers, func() { _ = d.remove() })
	}
	d.published, d.remove = d.link, remove
	return nil
}

// terminal creates the screen, and reads keys if there is a terminal.
func (d *devSession) terminal(s streams) <-chan rune {
	config := terminal.Config{Out: s.out, URL: d.link.Public, Color: d.link.Color}
	var pressed <-chan rune
	if in, isFile := s.in.(*os.File); s.terminal && isFile {
		if keys, err := terminal.ReadKeys(in); err == nil {
			d.closers = append(d.closers, keys.Close)
			pressed, config.Keys = keys.Pressed(), true
		}
		config.Clearable = os.Getenv("TERM") != "dumb"
	}
	d.screen = terminal.New(config)
	return pressed
}

// open opens the public port.
func (d *devSession) open(listeners []net.Listener, migrate, restart func(context.Context) error) *proxy.Proxy {
	public := proxy.New(proxy.Config{
		Root: d.app.root, Editor: d.settings.Dev.Editor, Public: d.link.Public,
		Log: slog.New(slog.DiscardHandler), Migrate: migrate, Restart: restart,
	})
	server := public.Server()
	for _, l := range listeners {
		d.servers.Go(func() { _ = server.Serve(l) })
	}
	d.closers = append(d.closers, func() {
		_ = server.Close()
		public.Close()
	})
	return public
}

// printAddress prints the address of the application.
func (d *devSession) printAddress(watcher *watch.Watcher) {
	fmt.Fprintf(d.screen, "\n  %s on %s\n\n", d.app.name, d.link.Public)
	d.screen.Help()
	if reason := watcher.Polling(); reason != nil && !d.options.poll {
		d.screen.Notice("polling for changes: " + reason.Error())
		if runtime.GOOS == "linux" {
			d.screen.Notice("raise the limit with: " +
				"sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512")
		}
	}
}

// buildFlags are flags for builds of the dev server. Querying git costs time at every build and causes more linking
// (-buildvcs); templ finds texts by the path of their code, which must be the real one (-trimpath). Debug information
// is a quarter of the time of an incremental build (-w); stack traces do not need it. Linker flags in GOFLAGS are the
// developer's choice and are not replaced.
func buildFlags() []string {
	flags := []string{"-buildvcs=false", "-trimpath=false"}
	if !strings.Contains(os.Getenv("GOFLAGS"), "-ldflags") {
		flags = append(flags, "-ldflags=-w")
	}
	return flags
}

// lockedBuilder builds while no other command does.
type lockedBuilder struct {
	builder *build.Builder
	root    string
}

// Build implements devserver.Builder.
func (t lockedBuilder) Build(ctx context.Context, used func(string) bool) (build.Result, error) {
	var unlock func()
	err := build.Prepare(t.root) // the folder may have been removed, for example by "git clean"
	if err == nil {
		unlock, err = build.Lock(ctx, t.root)
	}
	if err != nil {
		return build.Result{}, exit.Wrap(exit.Failure,
			"Make the application's .covet folder writable, or free some disk space.", err)
	}
	defer unlock()
	return t.builder.Build(ctx, used)
}

// start starts the application.
func (d *devSession) start(ctx context.Context, binary, run string) (devserver.Process, error) {
	if settings, err := readSettings(d.app.root); err == nil { // of an error that the application reports itself
		if settings.Port != d.settings.Port && !d.chosen {
			d.screen.Notice("the port has changed: start covet serve again")
		}
		if err := d.shareRedis(ctx, settings); err != nil {
			return nil, err
		}
		d.settings = settings
	}
	link := d.link
	link.Run = run
	variables, err := d.templates.texts(ctx, binary, filepath.Join(d.texts(), run))
	if err != nil {
		d.screen.Notice("changed texts of templates require a build: " + err.Error())
	}
	variables = append(variables, link.Environ())
	return asProcess(process.Start(process.Command{
		Path: binary, Args: append([]string{"serve"}, d.options.arguments()...), Dir: d.app.root,
		Environ: append(environ(), variables...), Output: d.screen, StopInput: devlink.StopLine + "\n",
	}))
}

// migrate starts the application to apply migrations.
func (d *devSession) migrate(binary string) (devserver.Process, error) {
	return asProcess(process.Start(process.Command{
		Path: binary, Args: []string{"migrate", "up"}, Dir: d.app.root, Environ: environ(), Output: d.screen,
	}))
}

// asProcess returns a nil interface for a nil process.
func asProcess(p *process.Process, err error) (devserver.Process, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// environ returns the environment of this process without the link of another dev server.
func environ() []string {
	return slices.DeleteFunc(os.Environ(),
		func(entry string) bool { return strings.HasPrefix(entry, devlink.Variable+"=") })
}

// browse opens a page in the browser.
func (d *devSession) browse() {
	url := d.link.Public
	command := []string{"xdg-open", url}
	switch browser, _, _ := strings.Cut(os.Getenv("BROWSER"), string(filepath.ListSeparator)); {
	case browser != "":
		command = []string{browser, url}
	case runtime.GOOS == "darwin":
		command = []string{"open", url}
	case runtime.GOOS == "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	if err := process.Detach(command[0], command[1:]...); err != nil {
		d.screen.Notice("could not open a browser: " + err.Error())
	}
}
