package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// listenTimeout is after how long without a notification the connection is pinged: nothing else would reveal
// that the network behind it is gone.
const listenTimeout = 30 * time.Second

// Listen calls heard for every notification of the channel, on a connection of its own, until that breaks or ctx ends.
func (b *backend) Listen(ctx context.Context, channel string, notify func()) error {
	conn, err := pgx.ConnectConfig(ctx, b.conn.Copy())
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ending) // it is of no more use
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	notify()
	for {
		if err := wait(ctx, conn); err != nil {
			return err
		}
		notify()
	}
}

// wait returns when there is a notification, or with the error of a broken connection.
func wait(ctx context.Context, conn *pgx.Conn) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, listenTimeout)
		_, err := conn.WaitForNotification(quiet)
		idle := quiet.Err() != nil
		cancel()
		if err == nil || ctx.Err() != nil || !idle {
			return err
		}
		ask, cancel := context.WithTimeout(ctx, listenTimeout/3)
		err = conn.Ping(ask)
		cancel()
		if err != nil {
			return err
		}
	}
}
