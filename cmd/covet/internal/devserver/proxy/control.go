package proxy

import (
	"context"
	_ "embed"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	pathPrefix = "/dev/loop/"
	scriptPath = pathPrefix + "script.js"
	eventsPath = pathPrefix + "events"
)

// actionTime is the timeout of an action that a button starts.
const actionTime = 5 * time.Minute

//go:embed script.js
var script []byte

// serveControl handles requests to /dev/loop/.
func (px *Proxy) serveControl(w http.ResponseWriter, r *http.Request) {
	if !local(r) || !sameOrigin(r) {
		px.writeDetails(w, r, http.StatusForbidden, details{
			Title: "Forbidden", Code: "forbidden",
			Detail: "/dev/loop is available only on this machine, and not to other sites.",
		})
		return
	}
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case r.URL.Path == scriptPath && read:
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		px.write(w, r, http.StatusOK, script)
	case r.URL.Path == eventsPath && r.Method == http.MethodGet:
		px.serveEvents(w, r)
	case r.URL.Path == pathPrefix+"migrate" && r.Method == http.MethodPost && px.cfg.Migrate != nil:
		px.runAction(w, r, Fault{Kind: Pending, Title: "The migrations were not applied"}, px.cfg.Migrate)
	case r.URL.Path == pathPrefix+"restart" && r.Method == http.MethodPost && px.cfg.Restart != nil:
		px.runAction(w, r, Fault{Kind: Start, Title: "The application did not start"}, px.cfg.Restart)
	case read && navigates(r): // returning to the address of a button
		http.Redirect(w, r, "/", http.StatusSeeOther)
	default:
		px.writeDetails(w, r, http.StatusNotFound, details{Title: "Not Found", Code: "not_found"})
	}
}

// runAction runs the action of a button on the error page and redirects back to the page, which shows the fault if it
// failed.
func (px *Proxy) runAction(w http.ResponseWriter, r *http.Request, failed Fault, action func(context.Context) error) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	back := r.PostFormValue("back")
	if !localPath(back) {
		back = "/"
	}
	// The browser may disconnect meanwhile: the action is finished anyway.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), actionTime)
	defer cancel()
	if err := action(ctx); err != nil {
		px.cfg.Log.DebugContext(ctx, "a button failed", slog.String("path", r.URL.Path), slog.String("error", err.Error()))
		if !navigates(r) {
			failed.Output = err.Error()
			px.writeFault(w, r, &failed)
			return
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// local reports whether a request was sent on this machine, to a name of this machine, and not through a proxy.
//
// Threats: DNS rebinding, by which a site makes the browser treat this page as its own; a machine in the network that
// sends "localhost" in Host; a tunnel that does the same for the whole internet.
func local(r *http.Request) bool {
	return localHost(r.Host) && loopback(r.RemoteAddr) && !forwarded(r)
}

func localHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func loopback(peer string) bool {
	address, err := netip.ParseAddrPort(peer)
	return err == nil && address.Addr().Unmap().IsLoopback()
}

// sameOrigin reports whether a request was sent by a page of this origin, or by no page at all. Other ports of this
// machine are other origins, although they are the same site.
//
// Threat: a page of another site starts migrations, or listens to events.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme != "" && strings.EqualFold(u.Host, r.Host)
}

// navigates reports whether a request is a navigation to a page, and not a script's request.
func navigates(r *http.Request) bool {
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" {
		return mode == "navigate"
	}
	// Older browsers, and pages of other machines without TLS, send fewer headers.
	for _, name := range []string{
		"X-Requested-With", "Hx-Request", "Turbo-Frame", "X-Pjax", "X-Inertia",
		"X-Alpine-Request", "Unpoly-Version",
	} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	accept := r.Header.Get("Accept")
	html, json := strings.Index(accept, "text/html"), strings.Index(accept, "json")
	return html >= 0 && (json < 0 || html < json)
}
