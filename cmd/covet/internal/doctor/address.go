package doctor

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// address is where a service listens.
type address struct{ network, host string }

// errAddress is returned for an invalid URL. It never contains the URL: with a misplaced "/" or "@", any part of it may
// be the password.
var errAddress = errors.New("it is not a URL with a host (special characters in the password must be percent-encoded)")

// errNoHost is returned when the driver decides where to connect to.
var errNoHost = errors.New("it has no host")

// addresses returns the addresses of the service of a URL, with the default port of its scheme.
func addresses(text string, ports map[string]string) ([]address, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	port, known := ports[scheme]
	if !ok || !known {
		return nil, errAddress
	}
	authority, tail := rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
	if strings.Contains(tail, "@") {
		return nil, errAddress // what looks like the host may be part of a password
	}
	if scheme == "unix" {
		path, _, _ := strings.Cut(tail, "?")
		return []address{{"unix", path}}, nil
	}
	hosts := authority[strings.LastIndex(authority, "@")+1:]
	if hosts == "" {
		return parameter(tail, port)
	}
	var list []address
	for host := range strings.SplitSeq(hosts, ",") { // PostgreSQL accepts several hosts
		u, err := url.Parse("//" + host)
		if err != nil || u.Hostname() == "" {
			return nil, errAddress
		}
		list = append(list, address{"tcp", net.JoinHostPort(u.Hostname(), orElse(u.Port(), port))})
	}
	return list, nil
}

// parameter returns the host that PostgreSQL takes from the parameter of that name: a folder contains its socket.
func parameter(tail, port string) ([]address, error) {
	_, query, _ := strings.Cut(tail, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, errAddress
	}
	host := values.Get("host")
	port = orElse(values.Get("port"), port)
	switch {
	case host == "":
		return nil, errNoHost
	case strings.HasPrefix(host, "/"):
		return []address{{"unix", host + "/.s.PGSQL." + port}}, nil
	default:
		return []address{{"tcp", net.JoinHostPort(host, port)}}, nil
	}
}

func orElse(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

const dialTimeout = 2 * time.Second

// dial reports whether one of the addresses accepts a connection, or why none does.
func dial(ctx context.Context, at []address) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var last error
	for _, a := range at {
		conn, err := new(net.Dialer).DialContext(ctx, a.network, a.host)
		if err == nil {
			return conn.Close()
		}
		last = errors.New(a.host + " " + connectionProblem(err))
	}
	return last
}

// connectionProblem returns a short text for a failed connection.
func connectionProblem(err error) string {
	var lookup *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return "is not a known host"
	case errors.As(err, &lookup):
		return "could not be looked up: " + lookup.Err
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses connections: nothing listens there"
	case errors.As(err, &network) && network.Timeout():
		return "does not respond within " + dialTimeout.String()
	default:
		return "cannot be reached: " + err.Error()
	}
}
