package port_test

import (
	"errors"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/port"
)

// taken is a port of localhost that is in use, by a listener on one of the addresses.
func taken(t *testing.T, network, host string) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), network, net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return port.Of(l)
}

func TestBothAddressesOfLocalhost(t *testing.T) {
	t.Parallel()
	listeners, err := port.Listen(t.Context(), "localhost", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		defer l.Close()
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			continue
		}
		_ = conn.Close()
		if port.Of(l) != port.Of(listeners[0]) {
			t.Errorf("two ports: %v", l.Addr())
		}
	}
	if _, err := port.Listen(t.Context(), "localhost", port.Of(listeners[0])); !errors.Is(err, port.ErrTaken) {
		t.Errorf("taken twice: %v", err)
	}
}

func TestTakenOnAnyAddress(t *testing.T) {
	t.Parallel()
	for network, host := range map[string]string{"tcp4": "127.0.0.1", "tcp": ""} {
		number := taken(t, network, host)
		if _, err := port.Listen(t.Context(), "localhost", number); !errors.Is(err, port.ErrTaken) {
			t.Errorf("%s of %q: %v", network, host, err)
		}
		if _, err := port.Listen(t.Context(), "127.0.0.1", number); !errors.Is(err, port.ErrTaken) {
			t.Errorf("%s of %q: %v", network, host, err)
		}
	}
}

func TestUnknownHost(t *testing.T) {
	t.Parallel()
	if _, err := port.Listen(t.Context(), "192.0.2.1", 0); err == nil || errors.Is(err, port.ErrTaken) {
		t.Errorf("got %v", err)
	}
}

func TestFreeIsFree(t *testing.T) {
	t.Parallel()
	number := taken(t, "tcp4", "127.0.0.1")
	free := port.Free(t.Context(), "localhost", number)
	if free <= number {
		t.Errorf("%d is free, and %d is taken", free, number)
	}
	if port.Free(t.Context(), "localhost", 65536) != 0 {
		t.Error("there is a port after the last")
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	number := taken(t, "tcp4", "127.0.0.1")
	p, known := port.Owner(t.Context(), number)
	if !known {
		if _, err := os.Stat("/proc/net/tcp"); err == nil {
			t.Error("it is this process, and that is not known")
		}
		return
	}
	if p.PID != os.Getpid() || p.Name == "" || p.String() != p.Name+" (process "+strconv.Itoa(p.PID)+")" {
		t.Errorf("got %+v", p)
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	if p, known := port.Owner(t.Context(), 1); known {
		t.Errorf("got %v", p)
	}
}
