package database

import "time"

// Config configures the database. A zero field, except URL, means its default.
type Config struct {
	// URL is the database: "sqlite:storage/app.db", "sqlite::memory:", "sqlite:///var/lib/blog/app.db",
	// "postgres://user:password@host:5432/blog?sslmode=require" or "mysql://user:password@host:3306/blog". It is
	// required.
	URL string `required:"true" doc:"the database: sqlite:…, postgres://… or mysql://…"`

	// MaxOpenConns is the maximum number of connections to a server; on SQLite, of connections that read, besides the
	// one that writes. Further callers wait. Defaults to 20; on SQLite to the number of CPUs, at least 4.
	MaxOpenConns int `min:"0" doc:"maximum number of connections (0: 20; SQLite readers: one per CPU, at least 4)"`

	// MaxIdleConns is the maximum number of unused open connections. Defaults to MaxOpenConns.
	MaxIdleConns int `min:"0" doc:"maximum number of unused open connections (0: as database.max_open_conns)"`

	// ConnMaxLifetime is the age at which a connection is replaced, so that changes behind a load balancer take effect.
	// SQLite does not use it. Defaults to 30 minutes; on MySQL to 3 minutes, as its driver recommends.
	ConnMaxLifetime time.Duration `min:"0s" doc:"age at which a connection is replaced (0: 30m; MySQL: 3m)"`

	// ConnMaxIdleTime is how long a connection may be unused before it is closed. SQLite does not use it. Defaults to 5
	// minutes.
	ConnMaxIdleTime time.Duration `default:"5m" min:"0s" doc:"how long an unused connection is kept"`

	// ConnectTimeout limits the dialing of one connection. Defaults to 5 seconds.
	ConnectTimeout time.Duration `default:"5s" min:"0s" doc:"time limit for connecting to the server"`

	// SlowQuery is the duration from which a statement is logged as a warning; negative means never. Defaults to 200
	// milliseconds.
	SlowQuery time.Duration `default:"200ms" doc:"log statements that take longer (negative: never)"`

	// BusyTimeout is how long a write to SQLite waits for another write, in any process, before it fails. Ordinary
	// contention ends within milliseconds; only a deadlock or a very long transaction takes longer. Defaults to 15
	// seconds.
	BusyTimeout time.Duration `default:"15s" min:"0s" doc:"how long a SQLite write waits for another"`

	// Record keeps the statements of contexts that [Record] returned. The kernel sets it in development; it has no
	// configuration key. Defaults to false.
	Record bool `config:"-"`
}

// WithDefaults returns the configuration with the defaults of all dialects. Drivers set the others.
func (c Config) WithDefaults() Config {
	if c.SlowQuery == 0 {
		c.SlowQuery = 200 * time.Millisecond
	}
	if c.BusyTimeout <= 0 {
		c.BusyTimeout = 15 * time.Second
	}
	if c.ConnMaxIdleTime <= 0 {
		c.ConnMaxIdleTime = 5 * time.Minute
	}
	if c.ConnectTimeout <= 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	return c
}
