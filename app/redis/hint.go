package redis

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// refusal returns the error that the server sends to a new connection before it closes it, as it does in protected mode
// and when it has too many, or nil. The client does not report it: it takes it for the reply to its first command.
func (s *Server) refusal(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	opts := s.client.Options()
	conn, err := opts.Dialer(ctx, opts.Network, opts.Addr)
	if err != nil {
		return nil //nolint:nilerr // the server sends nothing
	}
	defer func() { _ = conn.Close() }()
	end, _ := ctx.Deadline()
	if err := conn.SetReadDeadline(end); err != nil {
		return nil //nolint:nilerr // likewise
	}
	line, _ := bufio.NewReader(io.LimitReader(conn, 1024)).ReadString('\n')
	if text, ok := strings.CutPrefix(strings.TrimSpace(line), "-"); ok {
		return unavailableError{errors.New(text)}
	}
	return nil
}

// hint returns what to do about an error of connecting.
func (s *Server) hint(err error) string {
	text := err.Error()
	says := func(part string) bool { return strings.Contains(text, part) }
	_, network := errors.AsType[*net.OpError](err)
	switch {
	case says("NOAUTH"):
		return "it demands a password: write it into REDIS_URL, redis://:password@host:6379"
	case says("WRONGPASS"), says("invalid password"), says("invalid username"):
		return "correct the user and password in REDIS_URL"
	case says("NOPERM"):
		return "its user lacks a permission: grant read, write, script and pub/sub commands on all keys and channels"
	case says("DENIED"):
		return "it is in protected mode, which refuses connections of other machines: set a password there (requirepass) " +
			"and write it into REDIS_URL"
	case says("LOADING"):
		return "it is loading its data: wait until it has"
	case says("max number of clients"):
		return "it has no connection left: raise maxclients there, or lower redis.pool_size of its clients"
	case s.tls && errors.Is(err, context.DeadlineExceeded) && !network:
		return "it does not complete a TLS handshake in time; if it does not use TLS, write redis:// instead of " +
			"rediss:// in REDIS_URL"
	case s.tls && says("first record does not look like a TLS handshake"):
		return "it does not use TLS: write redis:// instead of rediss:// in REDIS_URL"
	case s.tls && (says("x509:") || says("certificate")):
		return "its certificate is not trusted: install the certificate of its authority on this machine, " +
			"and name the host in REDIS_URL as the certificate does"
	case !s.tls && isClosed(err):
		return "it closed the connection; if it expects TLS, write rediss:// instead of redis:// in REDIS_URL"
	}
	return "start it or correct REDIS_URL (empty runs an embedded one)"
}
