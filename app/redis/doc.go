// Package redis is the one Redis connection of an application, which the queue, the cache and the limits share: a
// server named by a URL, or, without one, an embedded Redis that runs inside this process.
//
// Import it as covetredis, because the client library is called redis too:
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
// [New] dials nothing, and the client may be handed out before [Server.Start]. The embedded Redis is
// github.com/alicebob/miniredis without a port: nobody but this process reaches it. It keeps everything in memory: what
// it holds is gone when the process ends, so nothing may live there that the database cannot restore.
package redis
