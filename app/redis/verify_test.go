package redis_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	covetredis "github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/internal/testserver"
)

// start starts a connection and returns the error of the start.
func start(t *testing.T, url string) error {
	t.Helper()
	server, err := covetredis.New(covetredis.Config{URL: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return server.Start(t.Context())
}

func TestServersThatCannotBeUsedAreRefused(t *testing.T) {
	t.Parallel()
	primary := testserver.RedisProcess(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"cluster":  {[]string{"--cluster-enabled", "yes"}, "node of a Redis Cluster"},
		"sentinel": {[]string{"--sentinel"}, "Sentinel, which stores nothing"},
		"replica": {
			[]string{"--replicaof", strings.Replace(primary, ":", " ", 1)},
			"set REDIS_URL to its primary, 127.0.0.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := start(t, "redis://"+testserver.RedisProcess(t, c.args...))
			if !errors.Is(err, covetredis.ErrUnsupported) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want ErrUnsupported and %q", err, c.want)
			}
		})
	}
	if err := start(t, "redis://"+primary); err != nil {
		t.Errorf("a single server: %v", err)
	}
}

func TestUsersWithoutPermissionsAreRefused(t *testing.T) {
	t.Parallel()
	address := testserver.RedisProcess(t)
	client := goredis.NewClient(&goredis.Options{Addr: address})
	t.Cleanup(func() { _ = client.Close() })
	for name, rules := range map[string][]string{
		"reader":   {"~*", "&*", "+@read", "+ping", "+info", "+hello", "+client"},
		"noscript": {"~*", "&*", "+@all", "-@scripting"},
		"nopubsub": {"~*", "&*", "+@all", "-@pubsub"},
		"noinfo":   {"~*", "&*", "+@all", "-info"},
		"all":      {"~*", "&*", "+@all"},
	} {
		args := []any{"ACL", "SETUSER", name, "on", ">secret"}
		for _, rule := range rules {
			args = append(args, rule)
		}
		if err := client.Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
		err := start(t, "redis://"+name+":secret@"+address)
		if wanted := name == "all" || name == "noinfo"; wanted && err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !wanted &&
			(!errors.Is(err, covetredis.ErrUnsupported) || !strings.Contains(err.Error(), "its user lacks a permission")) {
			t.Errorf("%s: error is %v, want ErrUnsupported", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error contains the password: %v", name, err)
		}
	}
}
