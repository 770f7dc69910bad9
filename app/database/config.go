package database

import "time"

// Config says where the database is and how it is used. The zero value of every field but URL means its default.
type Config struct {
	// URL names the database: "sqlite:storage/app.db", "sqlite::memory:", "sqlite:///var/lib/blog/app.db",
	// "postgres://user:password@host:5432/blog?sslmode=require" or "mysql://user:password@host:3306/blog".
	// It has no default.
	URL string `required:"true" doc:"where the data lives: sqlite:…, postgres://… or mysql://…"`

	// MaxOpenConns bounds the connections to a server; on SQLite, the connections that read (there is always one
	// that writes). Further callers wait. Defaults to 20; on SQLite to the number of CPUs, at least 4.
	MaxOpenConns int `min:"0" doc:"connections at most (0: 20; SQLite readers: one a CPU, at least 4)"`

	// MaxIdleConns bounds the connections kept open while unused. Defaults to MaxOpenConns.
	MaxIdleConns int `min:"0" doc:"connections kept while unused (0: as many as may be open)"`

	// ConnMaxLifetime is the age at which a connection is replaced, so that a change behind a load balancer is
	// noticed. Not used by SQLite. Defaults to 30 minutes; on MySQL to 3, as its driver advises.
	ConnMaxLifetime time.Duration `min:"0s" doc:"age at which a connection is replaced (0: 30m; MySQL: 3m)"`

	// ConnMaxIdleTime is how long a connection may be unused before it is closed. Not used by SQLite. Defaults to
	// 5 minutes.
	ConnMaxIdleTime time.Duration `default:"5m" min:"0s" doc:"how long an unused connection is kept"`

	// ConnectTimeout bounds the dialing of one connection to a server. Defaults to 5 seconds.
	ConnectTimeout time.Duration `default:"5s" min:"0s" doc:"how long connecting to the server may take"`

	// SlowQuery is the duration from which a statement is logged as a warning; negative means never. Defaults to
	// 200 milliseconds.
	SlowQuery time.Duration `default:"200ms" doc:"log statements that take longer; negative: never"`

	// BusyTimeout is how long a write to SQLite waits for another write, in this process or another, before it
	// fails. Ordinary contention is over in milliseconds; only a deadlock or a very long transaction takes longer.
	// Defaults to 15 seconds.
	BusyTimeout time.Duration `default:"15s" min:"0s" doc:"how long a SQLite write waits for another"`

	// Record keeps the statements of contexts made by [Record]. Nothing configures it: the kernel sets it in
	// development. Defaults to false.
	Record bool `config:"-"`
}

// WithDefaults returns the configuration with the defaults that hold for every dialect filled in. Drivers fill in
// the rest.
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
