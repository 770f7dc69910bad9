package middleware

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// Proxies are the addresses of reverse proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Request-Id headers are
// trusted. The zero value trusts none.
type Proxies struct{ prefixes []netip.Prefix }

// ParseProxies parses addresses ("10.0.0.1") and networks in CIDR notation ("10.0.0.0/8", RFC 4632). The word "private"
// means loopback and the private networks of RFC 1918 and RFC 4193.
func ParseProxies(list []string) (Proxies, error) {
	var p Proxies
	for _, item := range list {
		if item == "private" {
			p.prefixes = append(p.prefixes, privateNetworks...)
			continue
		}
		prefix, err := netip.ParsePrefix(item)
		if addr, addrErr := netip.ParseAddr(item); addrErr == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return Proxies{}, fmt.Errorf("%q is neither an IP address, nor a network such as 10.0.0.0/8, nor the word private",
				item)
		}
		p.prefixes = append(p.prefixes, prefix)
	}
	return p, nil
}

var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"),
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("fc00::/7"),
}

// Trust reports whether a peer, given as "address:port", is one of the proxies.
func (p Proxies) Trust(remoteAddr string) bool {
	if len(p.prefixes) == 0 {
		return false
	}
	peer, err := netip.ParseAddrPort(remoteAddr)
	return err == nil && p.Contains(peer.Addr())
}

// Contains reports whether an address is one of the proxies.
func (p Proxies) Contains(addr netip.Addr) bool {
	addr = addr.Unmap()
	for _, prefix := range p.prefixes {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// Install makes echo's RealIP and Scheme trust these proxies and no others.
func (p Proxies) Install(e *echo.Echo) {
	e.IPExtractor = p.clientIP
	e.SchemeExtractor = p.scheme
}

// clientIP returns the last address in X-Forwarded-For that is not a trusted proxy, or the peer's address if the peer
// is not a trusted proxy.
func (p Proxies) clientIP(r *http.Request) string {
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if !p.Trust(r.RemoteAddr) {
		return peer
	}
	client := peer
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return client
		}
		client = addr.Unmap().String()
		if !p.Contains(addr) {
			return client
		}
	}
	return client
}

func (p Proxies) scheme(r *http.Request) string {
	if r.TLS != nil || (p.Trust(r.RemoteAddr) && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")) {
		return "https"
	}
	return "http"
}
