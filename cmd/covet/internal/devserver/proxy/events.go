package proxy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Event is a change that is sent to the pages in browsers.
type Event struct {
	// CSS are the URLs of changed stylesheets, without a hash: "/assets/css/app.css". They are replaced without a
	// reload, also where a page uses a name with a hash. If empty, the pages reload.
	CSS []string
}

// historySize is how many events are stored: a page that has missed more of them reloads.
const historySize = 128

// heartbeat is how often an idle event channel sends a comment.
const heartbeat = 15 * time.Second

// events sends events to the connected pages. Each event has a number, so that a page that was hidden, cached or
// disconnected receives what it has missed, and a page of another dev server reloads.
type events struct {
	id string

	mu        sync.Mutex
	last      int  // the number of the last event
	announced bool // the next event is announced: pages sent from now on include it
	dropped   int  // the number of the last event that was removed from list
	list      []numberedEvent
	changed   chan struct{} // closed and replaced at each event
}

type numberedEvent struct {
	number int
	event  Event
}

func newEvents() *events { return &events{id: newNonce()[:10], changed: make(chan struct{})} }

// announce reserves the next event: pages that are sent from now on come from the new process and do not reload for it.
func (e *events) announce() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.announced {
		e.add(Event{}) // the announced event never came
	}
	e.announced = true
}

func (e *events) publish(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.announced && len(event.CSS) > 0 {
		e.add(Event{}) // it is not the announced one
	}
	e.announced = false
	e.add(event)
}

func (e *events) add(event Event) {
	e.last++
	e.list = append(e.list, numberedEvent{e.last, event})
	if len(e.list) > historySize {
		e.dropped = e.list[0].number
		e.list = e.list[1:]
	}
	close(e.changed)
	e.changed = make(chan struct{})
}

// eventID identifies an event: the dev server, and the number of the event.
type eventID struct {
	id     string
	number int
}

func (e *events) current() eventID {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := eventID{e.id, e.last}
	if e.announced {
		now.number++
	}
	return now
}

func (id eventID) String() string { return id.id + "." + strconv.Itoa(id.number) }

// attribute returns the script's attribute: the event at which its page was sent, the method, and whether it is a page
// of the dev server.
func (id eventID) attribute(method string, ours bool) string {
	kind := "page"
	if ours {
		kind = "fault"
	}
	return id.String() + " " + method + " " + kind
}

func parseEventID(text string) eventID {
	id, number, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return eventID{}
	}
	return eventID{id, n}
}

// since returns the events after a given one as one message, or nil if there are none, and the channel to wait for.
func (e *events) since(m eventID) (*message, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := eventID{e.id, e.last}
	switch {
	case m.id != e.id, m.number < e.dropped, m.number > e.last+1:
		return &message{at: now}, nil
	case m.number >= e.last:
		return nil, e.changed
	}
	var css []string
	for _, n := range e.list {
		switch {
		case n.number <= m.number:
		case len(n.event.CSS) == 0:
			return &message{at: now}, nil
		default:
			css = append(css, n.event.CSS...)
		}
	}
	return &message{at: now, css: css}, nil
}

// message is sent to a page: a reload, or the stylesheets to replace.
type message struct {
	at  eventID
	css []string
}

func (m *message) write(w http.ResponseWriter) error {
	name, data := "reload", []byte("{}")
	if len(m.css) > 0 {
		var err error
		if data, err = json.Marshal(map[string][]string{"paths": m.css}); err != nil {
			return err
		}
		name = "css"
	}
	_, err := fmt.Fprintf(w, "id: %s\nevent: %s\ndata: %s\n\n", m.at, name, data)
	return err
}

// serveEvents serves the event channel of one page (server-sent events, HTML §9.2).
func (px *Proxy) serveEvents(w http.ResponseWriter, r *http.Request) {
	at := parseEventID(r.URL.Query().Get("at"))
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		at = parseEventID(last)
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(w)
	send := func(text string) error {
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
		return control.Flush()
	}
	if send(fmt.Sprintf("retry: %d\n: connected\n\n", retryAfter)) != nil {
		return
	}
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		msg, wait := px.events.since(at)
		if msg != nil {
			if msg.write(w) != nil || control.Flush() != nil {
				return
			}
			at = msg.at
			continue
		}
		select {
		case <-wait:
		case <-ticker.C:
			if send(": beat\n\n") != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-px.done:
			return
		}
	}
}
