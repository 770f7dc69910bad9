package app_test

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
)

// floodClients is how many slow clients a flood has. From 1,000 on, the times of ordinary requests are measured and
// compared, for machines that do nothing else.
var floodClients = flag.Int("clients", 40, "slow clients of each flood")

// h2Frame returns a frame of HTTP/2 (RFC 9113 §4.1).
func h2Frame(kind, flags byte, stream uint32, payload string) []byte {
	frame := make([]byte, 9, 9+len(payload))
	binary.BigEndian.PutUint32(frame, uint32(len(payload))<<8) //nolint:gosec // short
	frame[3], frame[4] = kind, flags
	binary.BigEndian.PutUint32(frame[5:], stream)
	return append(frame, payload...)
}

const (
	h2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	// h2Request is GET / with HPACK (RFC 7541 appendix A).
	h2Request = "\x82\x86\x84\x41\x01a"
)

// floods are attacks on one connection. Each returns when the server has closed it, or with an error.
var floods = map[string]func(conn net.Conn) error{
	"stream resets": func(conn net.Conn) error {
		var all bytes.Buffer
		all.WriteString(h2Preface)
		all.Write(h2Frame(4, 0, 0, "")) // SETTINGS
		for i := range 20_000 {
			stream := uint32(2*i + 1)                          //nolint:gosec // small
			all.Write(h2Frame(1, 5, stream, h2Request))        // HEADERS with END_STREAM and END_HEADERS
			all.Write(h2Frame(3, 0, stream, "\x00\x00\x00\b")) // RST_STREAM, CANCEL
		}
		return sendAndAwaitClose(conn, all.Bytes(), 1)
	},
	"empty CONTINUATION frames": func(conn net.Conn) error {
		first := append([]byte(h2Preface), h2Frame(4, 0, 0, "")...)
		first = append(first, h2Frame(1, 1, 1, h2Request)...) // HEADERS without END_HEADERS
		if _, err := conn.Write(first); err != nil {
			return err
		}
		return sendAndAwaitClose(conn, bytes.Repeat(h2Frame(9, 0, 1, ""), 5000), 100)
	},
	"slow headers": func(conn net.Conn) error {
		return sendAndAwaitClose(conn, []byte("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "), 1)
	},
	"slow bodies": func(conn net.Conn) error {
		return sendAndAwaitClose(conn, []byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nslow"), 1)
	},
	"slow readers": func(conn net.Conn) error {
		if _, err := io.WriteString(conn, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			return err
		}
		// Reading after the write timeout finds a response that was cut off.
		<-time.After(2 * floodTimeout)
		n, err := io.Copy(io.Discard, conn)
		if n >= largeResponse {
			return fmt.Errorf("the whole response of %d bytes arrived, error %w", n, err)
		}
		return nil
	},
}

const (
	floodTimeout  = 500 * time.Millisecond
	largeResponse = 64 << 20
)

// sendAndAwaitClose sends data a number of times and returns nil when the server has closed the connection.
func sendAndAwaitClose(conn net.Conn, data []byte, times int) error {
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range times {
			if _, err := conn.Write(data); err != nil {
				return
			}
		}
	}()
	defer func() { _ = conn.Close(); <-written }()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // io.Copy returns it as it is
		return fmt.Errorf("the server does not close the connection: %w", err)
	}
	return nil // closed, or reset
}

// TestFloods attacks a server with many clients at a time, and demands that it closes their connections and serves
// others meanwhile.
func TestFloods(t *testing.T) {
	cfg := testConfig(t)
	cfg.HTTP.HeaderTimeout, cfg.HTTP.ReadTimeout, cfg.HTTP.WriteTimeout = floodTimeout, floodTimeout, floodTimeout
	cfg.Override.LogOutput = io.Discard
	a := newApp(t, cfg)
	a.Echo.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "here") })
	a.Echo.POST("/", func(c echo.Context) error { _, err := io.Copy(io.Discard, c.Request().Body); return err })
	large := strings.Repeat("x", largeResponse)
	a.Echo.GET("/large", func(c echo.Context) error {
		return c.Stream(http.StatusOK, "application/octet-stream", strings.NewReader(large))
	})
	base := start(t, a, covet.Roles{Web: true})
	measured := *floodClients >= 1000
	baseline := ordinary(t, base, nil)
	for name, attack := range floods {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			var clients sync.WaitGroup
			for range *floodClients {
				clients.Go(func() {
					conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", a.Address())
					if err != nil {
						t.Error(err)
						return
					}
					defer func() { _ = conn.Close() }()
					if err := attack(conn); err != nil {
						t.Error(err)
					}
				})
			}
			go func() { clients.Wait(); close(over) }()
			during := ordinary(t, base, over)
			<-over
			t.Logf("p95 of ordinary requests: %v before, %v during %d clients", baseline, during, *floodClients)
			if measured && during > 2*baseline {
				t.Errorf("ordinary requests take more than twice as long")
			}
		})
	}
}

// ordinary sends requests until over is closed, at least a hundred, demands that each is served, and returns the 95th
// percentile of their times.
func ordinary(t *testing.T, base string, over <-chan struct{}) time.Duration {
	t.Helper()
	isOver := func() bool {
		select {
		case <-over:
			return true
		default:
			return over == nil
		}
	}
	var took []time.Duration
	for len(took) < 100 || !isOver() {
		begun := time.Now()
		if got := do(t, http.MethodGet, base+"/", "*/*"); got.status != http.StatusOK || got.body != "here" {
			t.Fatalf("an ordinary request: %+v", got)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}
