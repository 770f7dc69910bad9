package front

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Event is a change that the pages in browsers have to take up.
type Event struct {
	// CSS are the addresses of stylesheets that have changed, by their plain names: "/assets/css/app.css". They are
	// swapped in place, wherever a page uses them, also under a name with a hash. Empty: the pages load again.
	CSS []string
}

// remembered is how many events a page can have missed before it has to load again.
const remembered = 128

// heartbeat is how often an idle event channel shows that it lives.
const heartbeat = 15 * time.Second

// events hands events on to the pages that listen. Each has a number, so that a page that was hidden, kept aside or cut
// off gets what it has missed, and a page of another dev server knows that it is one.
type events struct {
	id string

	mu      sync.Mutex
	last    int  // the number of the last event
	ahead   bool // the next one is foreseen: what is sent from now on is made after it
	dropped int  // the number of the last event that is not in list any more
	list    []numbered
	changed chan struct{} // closed and replaced at each event
}

type numbered struct {
	number int
	event  Event
}

func newEvents() *events { return &events{id: newNonce()[:10], changed: make(chan struct{})} }

// foresee says that an event will follow, which pages that are sent from now on know of already: they come from the new
// process, although pages learn of it only afterwards.
func (e *events) foresee() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ahead {
		e.add(Event{}) // the one that was foreseen never came
	}
	e.ahead = true
}

func (e *events) publish(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ahead && len(event.CSS) > 0 {
		e.add(Event{}) // this is not the one that was foreseen
	}
	e.ahead = false
	e.add(event)
}

func (e *events) add(event Event) {
	e.last++
	e.list = append(e.list, numbered{e.last, event})
	if len(e.list) > remembered {
		e.dropped = e.list[0].number
		e.list = e.list[1:]
	}
	close(e.changed)
	e.changed = make(chan struct{})
}

// moment is a point in the life of a dev server: which one, and how many events it has had.
type moment struct {
	id     string
	number int
}

func (e *events) state() moment {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := moment{e.id, e.last}
	if e.ahead {
		now.number++
	}
	return now
}

func (m moment) String() string { return m.id + "." + strconv.Itoa(m.number) }

// attribute tells the script when its page was made, by which method, and whether it is a page of ours.
func (m moment) attribute(method string, ours bool) string {
	kind := "page"
	if ours {
		kind = "fault"
	}
	return m.String() + " " + method + " " + kind
}

func parseMoment(text string) moment {
	id, number, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return moment{}
	}
	return moment{id, n}
}

// since returns what has happened since a moment, in one message, which is nil when nothing has; and what to wait for
// otherwise.
func (e *events) since(m moment) (*message, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := moment{e.id, e.last}
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

// message is what a page is told: to load again, or which stylesheets to swap.
type message struct {
	at  moment
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

// serveEvents is the channel of one page (server-sent events, HTML §9.2).
func (f *Front) serveEvents(w http.ResponseWriter, r *http.Request) {
	at := parseMoment(r.URL.Query().Get("at"))
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		at = parseMoment(last)
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
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		news, wait := f.events.since(at)
		if news != nil {
			if news.write(w) != nil || control.Flush() != nil {
				return
			}
			at = news.at
			continue
		}
		select {
		case <-wait:
		case <-beat.C:
			if send(": beat\n\n") != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-f.done:
			return
		}
	}
}
