package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// stream opens a response and leaves its body to be read.
func (d *testProxy) stream(t *testing.T, path string, headers ...string) (http.Header, *bufio.Reader) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := d.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res.Header, bufio.NewReader(res.Body)
}

// emit writes a piece of a response at once.
func emit(w http.ResponseWriter, text string) {
	fmt.Fprint(w, text)
	_ = http.NewResponseController(w).Flush() // the client may be gone
}

func TestEventStreamEndsWithTheProcess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ sent, want string }{
		"between events": {"data: 1\n\n", "data: 1\n\nretry: 500\n"},
		"within one":     {"data: 1\n\ndata: 2\n", "data: 1\n\ndata: 2\nretry: 500\n"},
		"within a line":  {"data: 1\n\ndata: tw", "data: 1\n\ndata: tw\nretry: 500\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTestProxy(t, proxy.Config{})
			ended := make(chan struct{})
			old := application(t, func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				w.Header().Set("Content-Type", "text/event-stream")
				emit(w, test.sent)
				<-r.Context().Done()
			})
			d.Serve(address(old))
			_, body := d.stream(t, "/events", "Accept", "text/event-stream", "Accept-Encoding", "gzip")
			begin := make([]byte, len(test.sent))
			if _, err := io.ReadFull(body, begin); err != nil {
				t.Fatal(err)
			}
			wait(t, "the process to be idle but for the stream", d.Idle(address(old)))
			d.Serve(address(application(t, respondWith("new"))))
			rest, err := io.ReadAll(body)
			if got := string(begin) + string(rest); got != test.want || err != nil {
				t.Errorf("stream = %q, %v, want %q", got, err, test.want)
			}
			wait(t, "the handler to end", ended)
		})
	}
}

// An event stream that has sent nothing yet goes to the next process, and its client notices nothing.
func TestEventStreamWithoutAnAnswerMoves(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	begun := make(chan struct{})
	d.Serve(address(application(t, func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	})))
	answer := make(chan string, 1)
	go func() {
		_, body := d.get(t, "/events", "Accept", "text/event-stream")
		answer <- body
	}()
	wait(t, "the request to arrive", begun)
	d.Serve(address(application(t, respondWith("new"))))
	if got := wait(t, "the answer", answer); got != "new" {
		t.Errorf("answer = %q", got)
	}
}

// dial opens a WebSocket by hand and returns its connection.
func (d *testProxy) dial(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	reader := bufio.NewReader(conn)
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status = %d", res.StatusCode)
	}
	return conn, reader
}

// socketServer answers the handshake and hands the connection over.
func socketServer(serve func(conn net.Conn, r *bufio.Reader)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		serve(conn, buffered.Reader)
	}
}

func text(message string) string {
	switch n := len(message); {
	case n < 126:
		return "\x81" + string(rune(n)) + message
	default:
		return "\x81\x7e" + string([]byte{byte(n >> 8), byte(n)}) + message
	}
}

const restart = "\x88\x02\x03\xf4"

func TestWebSocketIsClosedBetweenFrames(t *testing.T) {
	t.Parallel()
	long := text(strings.Repeat("x", 300))
	for name, test := range map[string]struct{ sent, late, want string }{
		"nothing":        {"", "", restart},
		"idle":           {text("hello"), "", text("hello") + restart},
		"within a frame": {text("hello") + long[:7], long[7:], text("hello") + long + restart},
		"more frames":    {long[:3], long[3:] + text("a") + text("b")[:2], long + text("a") + restart},
		"closed already": {text("bye") + "\x88\x00", "", text("bye") + "\x88\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTestProxy(t, proxy.Config{})
			late := make(chan struct{})
			old := application(t, socketServer(func(conn net.Conn, r *bufio.Reader) {
				fmt.Fprint(conn, test.sent)
				<-late
				fmt.Fprint(conn, test.late)
				_, _ = io.Copy(io.Discard, r) // until the proxy closes the connection
			}))
			d.Serve(address(old))
			conn, reader := d.dial(t)
			begin := make([]byte, len(test.sent))
			if _, err := io.ReadFull(reader, begin); err != nil {
				t.Fatal(err)
			}
			wait(t, "the process to be idle but for the socket", d.Idle(address(old)))
			d.Serve(address(application(t, respondWith("new"))))
			close(late)
			fmt.Fprint(conn, "\x81\x82abcdxy") // a client that goes on talking is not cut off before it has read
			got := string(begin)
			for !strings.HasSuffix(got, test.want[max(0, len(test.want)-4):]) {
				b, err := reader.ReadByte()
				if err != nil {
					break
				}
				got += string([]byte{b})
			}
			if got != test.want {
				t.Errorf("received %q, want %q", got, test.want)
			}
			fmt.Fprint(conn, "\x88\x82abcd\x62\x96") // the client's Close
			conn.(*net.TCPConn).CloseWrite()
			if rest, err := io.ReadAll(reader); len(rest) > 0 || err != nil {
				t.Errorf("afterwards: %q, %v", rest, err)
			}
		})
	}
}

func TestWebSocketPassesBothWays(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(address(application(t, socketServer(func(conn net.Conn, r *bufio.Reader) { _, _ = io.Copy(conn, r) }))))
	conn, reader := d.dial(t)
	fmt.Fprint(conn, "anything at all")
	echo := make([]byte, len("anything at all"))
	if _, err := io.ReadFull(reader, echo); err != nil || string(echo) != "anything at all" {
		t.Errorf("echo = %q, %v", echo, err)
	}
}

// A client that does not answer the Close frame does not keep its connection for ever.
func TestSilentWebSocketEnds(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(address(application(t, socketServer(func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) }))))
	_, reader := d.dial(t)
	d.Serve(address(application(t, respondWith("new"))))
	if rest, err := io.ReadAll(reader); string(rest) != restart || err != nil {
		t.Errorf("received %q, %v", rest, err)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte(text("hello")+text(strings.Repeat("y", 200))+restart), 3)
	f.Add([]byte("\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x02hi\x00"), 1)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		whole := proxy.FrameEnds(data, max(len(data), 1))
		if size < 1 || size > len(data) {
			size = 1
		}
		pieces := proxy.FrameEnds(data, size)
		if len(whole) == 0 != (len(pieces) == 0) || len(whole) > 0 && whole[len(whole)-1] != pieces[len(pieces)-1] {
			t.Errorf("the last frame ends at %v in one piece, %v in pieces of %d", whole, pieces, size)
		}
	})
}
