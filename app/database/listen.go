package database

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoListen is returned by [DB.Listen] for databases without notifications.
var ErrNoListen = errors.New("this kind of database has no notifications")

// listener is implemented by backends with notifications: PostgreSQL.
type listener interface {
	Listen(ctx context.Context, channel string, notify func()) error
}

// Listen calls notify for each notification on the channel (NOTIFY), and once when it has started to listen. It uses a
// connection of its own and returns a non-nil error when that breaks or ctx ends. channel is a plain lower-case name.
func (db *DB) Listen(ctx context.Context, channel string, notify func()) error {
	l, ok := db.backend.(listener)
	if !ok {
		return fmt.Errorf("listening to %q: %w", channel, ErrNoListen)
	}
	if err := l.Listen(ctx, channel, notify); err != nil {
		return fmt.Errorf("listening to %q: %w", channel, err)
	}
	return fmt.Errorf("listening to %q: the connection ended", channel)
}
