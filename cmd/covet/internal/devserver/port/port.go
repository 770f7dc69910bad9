// Package port takes the public port of the dev server, and says who has it when it is taken:
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

// ErrTaken is the reason when another program listens on a port.
var ErrTaken = errors.New("the port is taken")

// wsaAddressInUse is what Windows says instead of EADDRINUSE.
const wsaAddressInUse = syscall.Errno(10048)

// Listen listens on a port of host. The host "localhost" is the loopback interface with both of its addresses,
// 127.0.0.1 and ::1, since browsers may try either; a machine without the latter has one listener. Port 0 is one that
// the system chooses. The error is ErrTaken when another program listens there.
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

// answered reports whether somebody listens on the loopback interface. Some systems permit a listener on one address
// beside one on every address, and browsers would then meet either.
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

// Free returns a port from first on that Listen would take, or 0 when there is none among the next hundred.
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

// Owner finds out which process listens on a port. It reports false when that cannot be known, such as for a process of
// another user.
func Owner(ctx context.Context, number int) (Program, bool) {
	if p, ok := owner(number); ok {
		return p, true
	}
	return ask(ctx, number)
}
