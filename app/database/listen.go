package database

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoListen is returned by [DB.Listen] on databases that carry no word between their clients.
var ErrNoListen = errors.New("this kind of database notifies nobody")

// listener is what the backend of a database has that carries word: PostgreSQL.
type listener interface {
	Listen(ctx context.Context, channel string, notify func()) error
}

// Listen calls heard whenever a client notifies the channel (NOTIFY), and once when it has begun to listen. It keeps a
// connection of its own, and returns when that breaks or ctx ends; never with nil. channel is a plain lower-case name.
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
