package process

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// patience is how long an incomplete line is buffered.
	patience = 100 * time.Millisecond
	// maxLine is the length in bytes from which a line is written in parts, and stored in part.
	maxLine = 8 << 10
)

// lines forwards output in whole lines, so that the lines of two programs do not mix, and stores the last ones.
type lines struct {
	mu     sync.Mutex
	out    io.Writer
	part   []byte // an incomplete line
	timer  *time.Timer
	closed bool

	size  []string // a ring buffer
	next  int
	open  string // the forwarded part of an incomplete line
	count int
}

func newLines(out io.Writer, size int) *lines {
	if size <= 0 {
		size = 200
	}
	if out == nil {
		out = io.Discard
	}
	l := &lines{out: out, size: make([]string, size)}
	l.timer = time.AfterFunc(time.Hour, l.flush)
	l.timer.Stop()
	return l
}

// Write implements io.Writer. It never blocks the program for lack of a reader.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, p...)
	end := bytes.LastIndexByte(l.part, '\n') + 1
	if end == 0 && len(l.part) > maxLine {
		end = len(l.part)
	}
	l.forward(end)
	if len(l.part) > 0 {
		l.timer.Reset(patience)
	}
	return len(p), nil
}

// forward writes the first n buffered bytes.
func (l *lines) forward(n int) {
	if n == 0 {
		return
	}
	_, _ = l.out.Write(l.part[:n])
	for line := range strings.Lines(string(l.part[:n])) {
		l.open += line
		if ended := strings.TrimRight(l.open, "\r\n"); len(ended) < len(l.open) {
			l.record(ended)
			l.open = ""
		} else if len(l.open) > maxLine {
			l.open = l.open[:maxLine]
		}
	}
	l.part = append(l.part[:0], l.part[n:]...)
}

func (l *lines) record(line string) {
	if len(line) > maxLine {
		line = line[:maxLine] + "…"
	}
	l.size[l.next] = line
	l.next = (l.next + 1) % len(l.size)
	l.count = min(l.count+1, len(l.size))
}

// flush forwards an incomplete line, such as a question.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.forward(len(l.part))
	}
}

func (l *lines) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
	l.forward(len(l.part))
	if l.open != "" {
		l.record(l.open)
		l.open = ""
		_, _ = l.out.Write([]byte("\n")) // the next output starts a line
	}
	l.closed = true
}

// tail returns the stored lines.
func (l *lines) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var text strings.Builder
	first := (l.next - l.count + len(l.size)) % len(l.size)
	for i := range l.count {
		text.WriteString(l.size[(first+i)%len(l.size)])
		text.WriteByte('\n')
	}
	text.WriteString(l.open)
	return text.String()
}
