package redis

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Config configures the Redis server. The zero value uses an embedded one. Parameters in the URL (?pool_size=20)
// override the fields.
type Config struct {
	// URL of the server: redis://:password@host:6379/0, rediss://… for TLS, unix:///path/redis.sock?db=0. Special
	// characters in the password are percent-encoded. Defaults to "", the embedded Redis.
	URL string `doc:"Redis server; empty runs an embedded one in this process"`
	// PoolSize is the maximum number of connections. Defaults to 10 per CPU.
	PoolSize int `min:"0" doc:"maximum number of connections (0: 10 per CPU)"`
	// DialTimeout limits opening a connection. Defaults to 5 seconds.
	DialTimeout time.Duration `default:"5s" min:"0s" doc:"time limit for opening a connection"`
	// ReadTimeout limits the wait for a response. Defaults to 3 seconds.
	ReadTimeout time.Duration `default:"3s" min:"0s" doc:"time limit for a response"`
	// WriteTimeout limits the sending of a command. Defaults to 3 seconds.
	WriteTimeout time.Duration `default:"3s" min:"0s" doc:"time limit for sending a command"`
	// Join is the embedded Redis of another process, which is used if URL is empty. The dev server sets it; it has no
	// configuration key. Defaults to none.
	Join Endpoint `config:"-"`
}

// ErrURL is the error of [New] for an invalid URL. Its text shows examples and never repeats the URL, which may contain
// a password.
var ErrURL = errors.New("expected a URL such as redis://:password@127.0.0.1:6379/0, rediss://… for TLS or " +
	"unix:///run/redis.sock?db=0 (special characters in the password percent-encoded)")

const (
	defaultDialTimeout = 5 * time.Second
	defaultIOTimeout   = 3 * time.Second
)

// Validate validates the URL.
func (c Config) Validate() error {
	_, err := c.options()
	return err
}

// options returns the options for go-redis, without an address if the URL is empty.
func (c Config) options() (*goredis.Options, error) {
	opts := &goredis.Options{}
	if c.URL != "" {
		// The cause is left out intentionally: it quotes parts of the URL, and with a misplaced "/" or "@" the quoted
		// part is the password.
		parsed, err := goredis.ParseURL(c.URL)
		if err != nil || parsed.PoolSize < 0 || parsed.DB < 0 {
			return nil, fmt.Errorf("reading the Redis URL (REDIS_URL): %w", ErrURL)
		}
		opts = parsed
	}
	opts.PoolSize = cmp.Or(opts.PoolSize, c.PoolSize)
	opts.DialTimeout = cmp.Or(opts.DialTimeout, c.DialTimeout, defaultDialTimeout)
	opts.ReadTimeout = cmp.Or(opts.ReadTimeout, c.ReadTimeout, defaultIOTimeout)
	opts.WriteTimeout = cmp.Or(opts.WriteTimeout, c.WriteTimeout, defaultIOTimeout)
	opts.ContextTimeoutEnabled = true
	// One dial per attempt: commands are retried anyway, and five dials in each of four attempts would delay the error
	// for a refused connection by seconds.
	opts.DialerRetries = 1
	// Without a type the client would resolve the host when it is created, including the name of the embedded one.
	opts.MaintNotificationsConfig = &maintnotifications.Config{
		Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone,
	}
	return opts, nil
}
