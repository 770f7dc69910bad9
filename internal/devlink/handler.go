package devlink

import (
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// Handler is the dev server's side: the control server that applications with this token talk to. It calls on for each
// message, from the goroutine of the request: the application goes on when on returns.
//
// Threat: another local user, or a page in the browser, who tells the dev server to show a server of theirs. The token
// is asked for first; and because it travels in the Authorization header, no form and no script of another origin can
// send it.
func Handler(token string, receive func(Message)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+alivePath, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST "+messagePath, func(w http.ResponseWriter, r *http.Request) {
		message, ok := readMessage(http.MaxBytesReader(w, r.Body, maxMessage))
		if !ok {
			http.Error(w, "no message of a Covet application", http.StatusBadRequest)
			return
		}
		receive(message)
		w.WriteHeader(http.StatusNoContent)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !authorized(r, token) {
			http.Error(w, "the token is missing or wrong", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// authorized compares in constant time; an empty token lets nobody in.
func authorized(r *http.Request, token string) bool {
	given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return bearer && token != "" && subtle.ConstantTimeCompare([]byte(given), []byte(token)) == 1
}

// readMessage reads one message that says something which can be true.
func readMessage(body io.Reader) (Message, bool) {
	var m Message
	if err := json.NewDecoder(body).Decode(&m); err != nil {
		return m, false
	}
	switch {
	case m.Ready != nil && m.Pending == nil:
		// Threat: an application led astray makes the dev server a proxy to a server elsewhere.
		return m, loopback(m.Ready.Address)
	case m.Pending != nil && m.Ready == nil:
		return m, len(m.Pending.Migrations) > 0
	}
	return m, false
}
