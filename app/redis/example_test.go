package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	covetredis "github.com/covetgo/covet/app/redis"
)

func ExampleServer() {
	ctx := context.Background()
	server, err := covetredis.New(covetredis.Config{}, slog.New(slog.DiscardHandler)) // no URL: embedded
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := server.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer server.Stop(ctx)

	err = server.Client().Set(ctx, "greeting", "hello", time.Minute).Err()
	fmt.Println(server.Client().Get(ctx, "greeting").Val(), err)
	// Output: hello <nil>
}

func ExampleNew_badURL() {
	_, err := covetredis.New(covetredis.Config{URL: "localhost:6379"}, nil)
	fmt.Println(err)
	// Output: reading the Redis URL (REDIS_URL): expected a URL such as redis://:password@127.0.0.1:6379/0, rediss://… for TLS or unix:///run/redis.sock?db=0 (special characters in the password percent-encoded)
}
