// Package redis is the Redis connection of an application, which the queue, the cache and the limits share. The server
// is configured by a URL; without one, an embedded Redis runs inside this process.
//
// Import it as covetredis, because the client library is called redis as well:
//
//	server, err := covetredis.New(covetredis.Config{}, slog.Default()) // no URL: embedded
//	if err != nil {
//		return err
//	}
//	if err := server.Start(ctx); err != nil {
//		return err
//	}
//	defer server.Stop(ctx)
//
//	err = server.Client().Set(ctx, "greeting", "hello", time.Minute).Err()
//
// [New] opens no connection, and the client may be used in constructors before [Server.Start]. The embedded Redis is
// github.com/alicebob/miniredis without a port, so that only this process can reach it. Its contents are lost when the
// process ends, so store nothing in it that the database cannot restore.
package redis
