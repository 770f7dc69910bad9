package redis

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Config names the Redis server. The zero value runs the embedded one. Parameters in the URL (?pool_size=20) prevail
// over the fields.
type Config struct {
	// URL of the server: redis://:password@host:6379/0, rediss://… for TLS, unix:///path/redis.sock?db=0. Special
	// characters in the password are percent-encoded. Defaults to "", the embedded Redis.
	URL string `doc:"Redis server; empty runs an embedded one in this process"`
	// PoolSize is the number of connections kept. Defaults to 10 for each CPU.
	PoolSize int `min:"0" doc:"connections kept (0: 10 for each CPU)"`
	// DialTimeout bounds opening a connection. Defaults to 5 seconds.
	DialTimeout time.Duration `default:"5s" min:"0s" doc:"how long opening a connection may take"`
	// ReadTimeout bounds the wait for an answer. Defaults to 3 seconds.
	ReadTimeout time.Duration `default:"3s" min:"0s" doc:"how long Redis may take to answer"`
	// WriteTimeout bounds the sending of a command. Defaults to 3 seconds.
	WriteTimeout time.Duration `default:"3s" min:"0s" doc:"how long sending a command may take"`
	// Join is an embedded Redis that another process runs, and is used while URL is empty. Nothing configures it: the
	// dev server hands it on. Defaults to none.
	Join Endpoint `config:"-"`
}

// ErrURL is the error of [New] for a URL that cannot be read. Its text shows what URLs look like and never repeats
// the one given, which may hold a password.
var ErrURL = errors.New("expected a URL such as redis://:password@127.0.0.1:6379/0, rediss://… for TLS or " +
	"unix:///run/redis.sock?db=0 (special characters in the password percent-encoded)")

const (
	defaultDialTimeout = 5 * time.Second
	defaultIOTimeout   = 3 * time.Second
)

// Validate checks the URL.
func (c Config) Validate() error {
	_, err := c.options()
	return err
}

// options turns the configuration into go-redis options; with an empty URL they lack the address.
func (c Config) options() (*goredis.Options, error) {
	opts := &goredis.Options{}
	if c.URL != "" {
		// The cause is left out on purpose: it quotes parts of the URL, and with a misplaced "/" or "@" the quoted
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
	// One dial an attempt: commands are retried anyway, and five dials for each of four attempts would make a
	// refused connection take seconds to report.
	opts.DialerRetries = 1
	// Without a type the client would resolve the host by DNS when it is made, the name of the embedded one included.
	opts.MaintNotificationsConfig = &maintnotifications.Config{
		Mode: maintnotifications.ModeDisabled, EndpointType: maintnotifications.EndpointTypeNone,
	}
	return opts, nil
}
