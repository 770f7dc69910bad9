package proxy

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/internal/errorpage"
)

// details are problem details (RFC 9457) in the application's format, with the fault.
type details struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail,omitempty"`
	Code       string      `json:"code"`
	Kind       Kind        `json:"kind,omitempty"`
	Hint       string      `json:"hint,omitempty"`
	Problems   []position  `json:"problems,omitempty"`
	Migrations []Migration `json:"migrations,omitempty"`
	Output     string      `json:"output,omitempty"`
}

type position struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// writeFault responds with the fault of the application. Other machines get no details.
//
// Threat: a page with source code, paths and output is visible to the whole network when the dev server listens on it.
func (px *Proxy) writeFault(w http.ResponseWriter, r *http.Request, fault *Fault) {
	status := http.StatusServiceUnavailable
	if !local(r) {
		px.writeNotice(w, r, status, notice{
			code: "unavailable", label: "Development", title: "The application is not available",
			detail: "Details are shown only on the machine that runs it.", refresh: 5,
		})
		return
	}
	if !navigates(r) {
		px.writeDetails(w, r, status, faultDetails(fault))
		return
	}
	if fault.Kind == Build || fault.Kind == View || fault.Kind == Exit {
		status = http.StatusInternalServerError
	}
	view := px.view(r, fault)
	view.document = px.document(r, view.title)
	px.writePage(w, r, status, view.document.Nonce, faultPage(view))
}

func faultDetails(fault *Fault) details {
	d := details{
		Title: fault.title(), Detail: fault.Detail, Code: "unavailable", Kind: fault.Kind, Hint: fault.Hint,
		Migrations: fault.Migrations, Output: tail(plainText(fault.Output), 4<<10),
	}
	for _, p := range fault.Problems {
		d.Problems = append(d.Problems, position(p))
	}
	if d.Detail == "" && len(fault.Problems) > 0 {
		d.Detail = fault.Problems[0].String()
	}
	return d
}

// notice is a page, or problem details, with one message.
type notice struct {
	code, label, title, detail string
	refresh                    int  // seconds after which a page without a script reloads; 0 means never
	busy                       bool // something is in progress
}

// writeWaiting responds to a request that has waited too long, or exceeds the number of waiting requests.
func (px *Proxy) writeWaiting(w http.ResponseWriter, r *http.Request) {
	n := notice{
		code: "unavailable", label: "Development", title: "The application is being built",
		detail: fmt.Sprintf("It has been building and starting for %d seconds. This page reloads when it is ready.",
			int(px.dispatcher.heldFor().Seconds())),
		busy: true,
	}
	if r.Method == http.MethodGet {
		n.refresh = 1
	}
	px.writeNotice(w, r, http.StatusServiceUnavailable, n)
}

// writeEnded responds to a request during which the application exited, and that must not be sent again.
func (px *Proxy) writeEnded(w http.ResponseWriter, r *http.Request) {
	px.writeNotice(w, r, http.StatusBadGateway, notice{
		code: "bad_gateway", label: "Development", title: "The application exited during the request",
		detail: "The request was not repeated because it may already have changed data.",
	})
}

// writeAborted responds to a request whose connection the application has closed.
func (px *Proxy) writeAborted(w http.ResponseWriter, r *http.Request, cause error) {
	px.cfg.Log.DebugContext(r.Context(), "the application closed a connection", slog.String("error", cause.Error()))
	px.writeNotice(w, r, http.StatusBadGateway, notice{
		code: "bad_gateway", label: "Development", title: "The application sent no response",
		detail: "It is running, but closed the connection of this request.",
	})
}

// writeClosing responds to a request that arrives while the dev server stops.
func (px *Proxy) writeClosing(w http.ResponseWriter, r *http.Request) {
	px.writeNotice(w, r, http.StatusServiceUnavailable, notice{
		code: "unavailable", label: "Development", title: "The dev server is stopping",
		detail: "Start it again with covet serve.",
	})
}

func (px *Proxy) writeNotice(w http.ResponseWriter, r *http.Request, status int, n notice) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	if !navigates(r) {
		px.writeDetails(w, r, status, details{Title: n.title, Detail: n.detail, Code: n.code})
		return
	}
	document := px.document(r, n.title)
	document.Refresh = n.refresh
	px.writePage(w, r, status, document.Nonce, notePage(document, n))
}

func (px *Proxy) writeDetails(w http.ResponseWriter, r *http.Request, status int, d details) {
	d.Type, d.Status = "about:blank", status
	body, err := json.Marshal(d)
	if err != nil {
		px.cfg.Log.ErrorContext(r.Context(), "writing an error", slog.String("error", err.Error()))
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	px.write(w, r, status, body)
}

// document returns the frame of a page for a request. It includes the script unless the script would have no effect.
func (px *Proxy) document(r *http.Request, title string) errorpage.Document {
	d := errorpage.Document{Title: title, Nonce: newNonce()}
	if local(r) {
		d.Script, d.State = scriptPath, px.events.current().attribute(r.Method, true)
	}
	return d
}

// writePage writes a page of the dev server. Its policy allows only its script, which may connect only to the dev
// server.
func (px *Proxy) writePage(w http.ResponseWriter, r *http.Request, status int, nonce string, page templ.Component) {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		px.cfg.Log.ErrorContext(r.Context(), "writing an error page", slog.String("error", err.Error()))
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; script-src 'nonce-"+nonce+"'; "+
		"connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	px.write(w, r, status, body.Bytes())
}

func (px *Proxy) write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept, Sec-Fetch-Mode")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}
}

// returnPath returns the path and query of a page, to redirect back to it.
func returnPath(u *url.URL) string {
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if !localPath(path) || strings.HasPrefix(path, pathPrefix) {
		return "/"
	}
	return path
}

// localPath reports whether a browser interprets a target as a path of this application.
//
// Threat: an open redirect.
func localPath(target string) bool {
	if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
		return false
	}
	return !strings.ContainsFunc(target, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f })
}

// newNonce returns 128 random bits.
func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, Go 1.24)
	return base64.RawURLEncoding.EncodeToString(b[:])
}
