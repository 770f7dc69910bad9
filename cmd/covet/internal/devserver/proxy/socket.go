package proxy

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// serviceRestart is a WebSocket's Close frame from a server: opcode 8, two bytes, code 1012 (RFC 6455 §5.5.1 and the
// registry of §7.4).
const serviceRestart = "\x88\x02\x03\xf4"

// closeTimeout is how long an upgraded connection may take to close: to complete the current frame, and to receive the
// client's Close frame.
const closeTimeout = 2 * time.Second

// Hijack implements [http.Hijacker], and stores the client's connection.
func (c *client) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(c.ResponseWriter).Hijack()
	c.exchange.setConn(conn)
	return conn, buffered, err
}

// wrapUpgrade closes an upgraded connection once its process has retired.
func (v *exchange) wrapUpgrade(res *http.Response) error {
	backend, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		return errors.New("switching protocols: the connection is not writable")
	}
	s := &socket{backend: backend, exchange: v, frames: strings.EqualFold(res.Header.Get("Upgrade"), "websocket")}
	res.Body = s
	if !v.process.add(s) {
		s.retire()
	}
	return nil
}

// socket is the application's end of an upgraded connection.
type socket struct {
	backend  io.ReadWriteCloser
	exchange *exchange
	frames   bool // a WebSocket, which can be closed between two frames

	mu        sync.Mutex
	parser    frameParser
	retired   bool
	closeSent bool // the Close frame was sent
	deadline  *time.Timer
}

// retire closes the connection: at once between two frames, and within closeTimeout inside of one.
func (s *socket) retire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retired = true
	if !s.frames || s.atFrameBoundary() {
		_ = s.backend.Close() // wakes Read, which continues
		return
	}
	s.deadline = time.AfterFunc(closeTimeout, func() { _ = s.backend.Close() })
}

// Read implements [io.Reader]: data of the application, and after its retirement a Close frame.
func (s *socket) Read(p []byte) (int, error) {
	if len(p) < len(serviceRestart) {
		return 0, io.ErrShortBuffer
	}
	s.mu.Lock()
	if s.retired && s.atFrameBoundary() {
		defer s.mu.Unlock()
		return s.sendCloseFrame(p)
	}
	s.mu.Unlock()
	n, err := s.backend.Read(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.parser.feed(p[:n])
	if !s.retired {
		return n, err
	}
	if end > 0 {
		n = end // discards an incomplete frame
		s.parser = frameParser{closed: s.parser.closed}
		return n, nil
	}
	if n == 0 && s.atFrameBoundary() {
		return s.sendCloseFrame(p)
	}
	return n, err
}

// atFrameBoundary reports whether a Close frame can be sent now: between two frames, and only once.
func (s *socket) atFrameBoundary() bool { return s.frames && s.parser.boundary() && !s.parser.closed }

// sendCloseFrame sends the Close frame once, waits briefly for the client's, and closes the connection.
func (s *socket) sendCloseFrame(p []byte) (int, error) {
	if s.closeSent {
		return 0, io.EOF
	}
	s.closeSent = true
	_ = s.backend.Close() // the application notices the closed connection
	s.exchange.endConn(closeTimeout)
	return copy(p, serviceRestart), nil
}

// Write implements [io.Writer]: data of the client. After the Close frame it is read and discarded: a connection that
// is closed with unread bytes is reset, and the Close frame may be lost with it.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	closing := s.retired && s.frames
	s.mu.Unlock()
	if closing {
		return len(p), nil
	}
	return s.backend.Write(p)
}

// Close implements [io.Closer].
func (s *socket) Close() error {
	s.exchange.process.remove(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deadline != nil {
		s.deadline.Stop()
	}
	return s.backend.Close()
}

// setConn and endConn store and close the client's connection of an upgrade.
func (v *exchange) setConn(conn net.Conn) {
	v.connMu.Lock()
	defer v.connMu.Unlock()
	v.conn = conn
}

func (v *exchange) endConn(after time.Duration) {
	v.connMu.Lock()
	defer v.connMu.Unlock()
	if v.conn != nil {
		_ = v.conn.SetReadDeadline(time.Now().Add(after)) // a connection without deadlines ends by its client
	}
}

// frameParser follows the frames of a WebSocket (RFC 6455 §5.2).
type frameParser struct {
	header  []byte // of the current frame
	payload uint64 // bytes of it that are missing
	closed  bool   // a Close frame was seen
}

// boundary reports whether the next byte begins a frame.
func (f *frameParser) boundary() bool { return len(f.header) == 0 && f.payload == 0 }

// feed parses the next bytes and returns where the last complete frame in them ends, or 0.
func (f *frameParser) feed(data []byte) (end int) {
	for i := 0; i < len(data); {
		if f.payload > 0 {
			n := min(f.payload, uint64(len(data)-i))
			f.payload -= n
			i += int(n) //nolint:gosec // at most the length of data
		} else {
			f.header = append(f.header, data[i])
			i++
			if payload, whole := frameLength(f.header); whole {
				f.closed = f.closed || f.header[0]&0x0f == 8
				f.header, f.payload = f.header[:0], payload
			}
		}
		if f.boundary() {
			end = i
		}
	}
	return end
}

// frameLength returns the length of a frame's payload once its header is whole.
func frameLength(header []byte) (payload uint64, whole bool) {
	if len(header) < 2 {
		return 0, false
	}
	length, extra := uint64(header[1]&0x7f), 0
	switch length {
	case 126:
		extra = 2
	case 127:
		extra = 8
	}
	size := 2 + extra
	if header[1]&0x80 != 0 {
		size += 4 // a mask, which servers do not use
	}
	if len(header) < size {
		return 0, false
	}
	if extra > 0 {
		length = 0
		for _, b := range header[2 : 2+extra] {
			length = length<<8 | uint64(b)
		}
	}
	return length, true
}
