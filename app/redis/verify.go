package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	goredis "github.com/redis/go-redis/v9"
)

// ErrUnsupported is wrapped by the error of [Server.Start] for a server that responds but does not support what Covet
// needs.
var ErrUnsupported = errors.New("unsupported Redis server")

// minVersion is the first version in which a script may read the time and then write, as limits do.
const minVersion = "5.0"

// verify returns an error for a node of a Cluster, a Sentinel, a replica, a version that is too old, and a user without
// the required permissions. A user that may not run INFO is checked by its other permissions.
func (s *Server) verify(ctx context.Context) error {
	info, err := s.client.Info(ctx).Result()
	if err != nil && !strings.HasPrefix(err.Error(), "NOPERM") {
		return fmt.Errorf("asking Redis at %s for its version: %w", s.address, err)
	}
	fields := parseInfo(info)
	if err := checkInfo(fields); err != nil {
		return fmt.Errorf("using Redis at %s: %w", s.address, err)
	}
	if policy := fields["maxmemory_policy"]; evicts(fields) {
		s.log.WarnContext(ctx, "redis may delete keys when its memory is full: jobs are then sent again, and limits forget "+
			"what they counted", "redis", s.address, "maxmemory_policy", policy, "set", "maxmemory-policy noeviction")
	}
	return s.tryCommands(ctx)
}

// checkInfo returns an error if the fields of INFO show that the server cannot be used.
func checkInfo(info map[string]string) error {
	switch mode := info["redis_mode"]; {
	case mode == "cluster", info["cluster_enabled"] == "1":
		return fmt.Errorf("%w: it is a node of a Redis Cluster, which stores only a part of the keys; "+
			"set REDIS_URL to a single Redis server", ErrUnsupported)
	case mode == "sentinel":
		return fmt.Errorf("%w: it is a Sentinel, which stores nothing; set REDIS_URL to the Redis server that it monitors",
			ErrUnsupported)
	case info["role"] == "slave":
		return fmt.Errorf("%w: it is a replica, which refuses writes; set REDIS_URL to its primary, %s:%s",
			ErrUnsupported, info["master_host"], info["master_port"])
	}
	if version := info["redis_version"]; version != "" && older(version, minVersion) {
		return fmt.Errorf("%w: version %s is too old, %s or later is required", ErrUnsupported, version, minVersion)
	}
	return nil
}

// evicts reports whether a server deletes keys that have not expired when its memory is full, by the fields of INFO.
func evicts(info map[string]string) bool {
	policy, bound := info["maxmemory_policy"], info["maxmemory"]
	return policy != "" && policy != "noeviction" && bound != "" && bound != "0"
}

// parseInfo returns the fields of INFO.
func parseInfo(text string) map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			fields[name] = value
		}
	}
	return fields
}

// older reports whether a version such as "6.0.16" is lower than another.
func older(version, than string) bool {
	parts, wanted := strings.Split(version, "."), strings.Split(than, ".")
	for i := range wanted {
		var a, b int
		if i < len(parts) {
			_, _ = fmt.Sscanf(parts[i], "%d", &a) // what is no number counts as 0
		}
		_, _ = fmt.Sscanf(wanted[i], "%d", &b)
		if a != b {
			return a < b
		}
	}
	return false
}

// verifyKey is the key and the channel that checks use.
const verifyKey = "covet:verify"

// verifyScript writes, reads and deletes a key, which expires by itself if the connection breaks.
var verifyScript = goredis.NewScript(`
	redis.call("SET", KEYS[1], ARGV[1], "EX", 10)
	local value = redis.call("GET", KEYS[1])
	redis.call("DEL", KEYS[1])
	return value`)

// tryCommands runs a script that writes, and sends a message.
func (s *Server) tryCommands(ctx context.Context) error {
	err := verifyScript.Run(ctx, s.client, []string{verifyKey}, "1").Err()
	if err == nil {
		err = s.client.Publish(ctx, verifyKey, "1").Err()
	}
	if err == nil {
		return nil
	}
	text := err.Error()
	switch {
	case strings.HasPrefix(text, "NOPERM"):
		return fmt.Errorf("using Redis at %s: %w: its user lacks a permission: %w; Covet needs read, write, script and "+
			"pub/sub commands on all keys and channels", s.address, ErrUnsupported, err)
	case strings.HasPrefix(text, "READONLY"), strings.HasPrefix(text, "MOVED"), strings.HasPrefix(text, "CROSSSLOT"),
		strings.HasPrefix(text, "ERR unknown command"):
		return fmt.Errorf("using Redis at %s: %w: %w", s.address, ErrUnsupported, err)
	}
	return fmt.Errorf("using Redis at %s: %w", s.address, err)
}
