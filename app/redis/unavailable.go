package redis

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	goredis "github.com/redis/go-redis/v9"
)

// ErrUnavailable is wrapped by the error of every command of [Server.Client] that fails because Redis cannot be used at
// the moment: it refuses connections, does not respond in time, is loading its data, has become a replica, has no
// memory or no connection left, cannot store, or refuses the password. Requests that return it become a 503.
var ErrUnavailable = errors.New("redis unavailable")

// unavailableReplies are what errors of Redis begin with that will pass, or that the operator of Redis has to end.
var unavailableReplies = []string{
	"LOADING ", "READONLY ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ", "NOREPLICAS ", "MISCONF ", "OOM ", "BUSY ",
	"NOAUTH ", "WRONGPASS ", "ERR max number of clients", "DENIED ",
}

// isUnavailable reports whether err means that Redis cannot be used. The end of a context does not.
func isUnavailable(err error) bool {
	if err == nil || errors.Is(err, goredis.Nil) || errors.Is(err, context.Canceled) {
		return false
	}
	var reply goredis.Error
	if errors.As(err, &reply) {
		return slices.ContainsFunc(unavailableReplies, func(prefix string) bool {
			return strings.HasPrefix(reply.Error(), prefix)
		})
	}
	var network *net.OpError
	if errors.As(err, &network) {
		return true
	}
	return slices.ContainsFunc([]error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, goredis.ErrClosed, goredis.ErrPoolTimeout,
		goredis.ErrPoolExhausted, errNotStarted,
	}, func(kind error) bool { return errors.Is(err, kind) })
}

// unavailableError is an error of the client together with what it means.
type unavailableError struct{ cause error }

func (e unavailableError) Error() string   { return ErrUnavailable.Error() + ": " + e.cause.Error() }
func (e unavailableError) Unwrap() []error { return []error{ErrUnavailable, e.cause} }

// translate returns err as one that wraps ErrUnavailable, if that is what it means for a command with ctx. A deadline
// that is not that of ctx is one of connecting.
func translate(ctx context.Context, err error) error {
	late := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
	if !late && !isUnavailable(err) || errors.Is(err, ErrUnavailable) {
		return err
	}
	return unavailableError{err}
}

// isClosed reports whether err says that the server closed the connection.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// translator is a hook of the client that translates the errors of commands.
type translator struct{}

// DialHook changes nothing.
func (translator) DialHook(next goredis.DialHook) goredis.DialHook { return next }

// ProcessHook translates the error of a command.
func (translator) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error { return translate(ctx, next(ctx, cmd)) }
}

// ProcessPipelineHook translates the errors of commands that are sent together.
func (translator) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			cmd.SetErr(translate(ctx, cmd.Err()))
		}
		return translate(ctx, err)
	}
}
