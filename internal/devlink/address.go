package devlink

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// Port returns the port of the public address, or 0 when it has none that can be read.
func (l Link) Port() int {
	u, err := url.Parse(l.Public)
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return map[string]int{"http": 80, "https": 443}[u.Scheme]
	}
	return port
}

// check returns an error unless the link leads to this machine.
//
// Threat: a variable set by another user makes the application hand its queue, and a token, to a server elsewhere.
func (l Link) check() error {
	control, err := url.Parse(l.Control)
	if err != nil {
		return fmt.Errorf("reading the address of the dev server: %w", err)
	}
	if control.Scheme != "http" || !loopback(control.Host) || l.Token == "" {
		return errLink
	}
	if l.Redis != "" && !loopback(l.Redis) {
		return errLink
	}
	return nil
}

// loopback reports whether an address, "host:port", is one of this machine. Names are none: they can lead anywhere.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
