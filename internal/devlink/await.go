package devlink

import (
	"bufio"
	"io"
	"strings"
	"time"
)

// StopLine is what the dev server writes to the standard input of an application, with a newline, to ask it to stop as
// after SIGTERM: running requests and jobs finish. It works on systems without that signal, too.
const StopLine = "stop"

// Grace is how long the dev server waits for an application that it has asked to stop, before it kills it.
const Grace = 5 * time.Second

// Stop is why an application that the dev server started has to end.
type Stop int

const (
	// Graceful means that the dev server has asked for the stop, and waits for what still runs.
	Graceful Stop = iota
	// Immediate means that the dev server has ended, or given up waiting: the application has to end at once.
	Immediate
)

// AwaitStop reads the standard input of an application, which is a pipe that the dev server holds, and sends why it has
// to end: [Graceful] at the [StopLine], [Immediate] at its end, which comes with the end of the dev server however it
// ended, on every system. After Immediate the channel is closed. Other input is ignored.
func AwaitStop(stdin io.Reader) <-chan Stop {
	stops := make(chan Stop, 2)
	go func() {
		defer close(stops)
		lines := bufio.NewScanner(stdin)
		stopping := false
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == StopLine && !stopping {
				stopping = true
				stops <- Graceful
			}
		}
		if lines.Err() != nil { // a line too long: nothing that the dev server would write
			_, _ = io.Copy(io.Discard, stdin)
		}
		stops <- Immediate
	}()
	return stops
}
