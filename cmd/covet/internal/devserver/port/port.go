// Package port listens on the public port of the dev server, and reports which process uses it when it is taken:
//
//	listeners, err := port.Listen(ctx, "localhost", 8000)
//	if errors.Is(err, port.ErrTaken) {
//		owner := port.Owner(8000) // {1234 node}
//		free := port.Free(ctx, "localhost", 8001)
//	}
package port

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"
)

// ErrTaken is returned when another program listens on a port.
var ErrTaken = errors.New("the port is taken")

// wsaAddressInUse is the code of EADDRINUSE on Windows.
const wsaAddressInUse = syscall.Errno(10048)

// Listen listens on a port of host. The host "localhost" means both loopback addresses, 127.0.0.1 and ::1, because
// browsers try either; a machine without IPv6 has one listener. With port 0 the system chooses one. Listen returns
// ErrTaken if another program listens on the port.
func Listen(ctx context.Context, host string, number int) ([]net.Listener, error) {
	if host != "localhost" {
		l, err := listen(ctx, "tcp", host, number)
		if err != nil {
			return nil, err
		}
		return []net.Listener{l}, nil
	}
	first, err := listen(ctx, "tcp4", "127.0.0.1", number)
	if err != nil {
		return nil, err
	}
	if number == 0 {
		number = Of(first)
	}
	second, err := listen(ctx, "tcp6", "::1", number)
	switch {
	case err == nil:
		return []net.Listener{first, second}, nil
	case errors.Is(err, ErrTaken):
		return nil, errors.Join(err, first.Close())
	default: // a machine without IPv6
		return []net.Listener{first}, nil
	}
}

// Of returns the port of a listener.
func Of(l net.Listener) int {
	if address, ok := l.Addr().(*net.TCPAddr); ok {
		return address.Port
	}
	return 0
}

func listen(ctx context.Context, network, host string, number int) (net.Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(number))
	if number != 0 && answered(ctx, address) {
		return nil, fmt.Errorf("listening on %s: %w", address, ErrTaken)
	}
	l, err := new(net.ListenConfig).Listen(ctx, network, address)
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaAddressInUse) {
		return nil, fmt.Errorf("listening on %s: %w", address, ErrTaken)
	}
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return l, nil
}

// answered reports whether a program listens on the loopback interface. Some systems permit a listener on one address
// beside one on every address, and browsers could then connect to either.
func answered(ctx context.Context, address string) bool {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// Free returns the first of a hundred ports from first on that Listen can use, or 0 if there is none.
func Free(ctx context.Context, host string, first int) int {
	for number := max(first, 1024); number < min(first+100, 65536); number++ {
		listeners, err := Listen(ctx, host, number)
		if err != nil {
			continue
		}
		for _, l := range listeners {
			_ = l.Close()
		}
		return number
	}
	return 0
}

// Program is a process.
type Program struct {
	PID  int
	Name string
}

// String names the program, such as "node (process 1234)".
func (p Program) String() string { return fmt.Sprintf("%s (process %d)", p.Name, p.PID) }

// Owner returns the process that listens on a port. It reports false if the process is unknown, for example because it
// belongs to another user.
func Owner(ctx context.Context, number int) (Program, bool) {
	if p, ok := owner(number); ok {
		return p, true
	}
	return ask(ctx, number)
}
