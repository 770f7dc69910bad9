package devlink

import (
	"bufio"
	"io"
	"strings"
	"time"
)

// StopLine is what the loop writes to the standard input of an application, with a newline, to ask it to stop as after
// SIGTERM: running requests and jobs finish. It works on systems without that signal, too.
const StopLine = "stop"

// Grace is how long the loop waits for an application that it has asked to stop, before it kills it.
const Grace = 5 * time.Second

// End is why an application that the loop started has to end.
type End int

const (
	// Asked means that the loop has asked for the stop, and waits for what still runs.
	Asked End = iota
	// Gone means that the loop has ended, or given up waiting: the application has to end at once.
	Gone
)

// Await reads the standard input of an application, which is a pipe that the loop holds, and sends why it has to end:
// [Asked] at the [StopLine], [Gone] at its end, which comes with the end of the loop however it ended, on every system.
// After Gone the channel is closed. Other input is ignored.
func Await(stdin io.Reader) <-chan End {
	ends := make(chan End, 2)
	go func() {
		defer close(ends)
		lines := bufio.NewScanner(stdin)
		asked := false
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == StopLine && !asked {
				asked = true
				ends <- Asked
			}
		}
		if lines.Err() != nil { // a line too long: nothing that the loop would write
			_, _ = io.Copy(io.Discard, stdin)
		}
		ends <- Gone
	}()
	return ends
}
