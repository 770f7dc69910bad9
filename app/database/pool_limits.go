package database

import (
	"database/sql"
	"time"
)

// Limit applies the limits to the pool of a database server. Drivers call it with their default of ConnMaxLifetime.
func (c Config) Limit(pool *sql.DB, lifetime time.Duration) {
	if c.ConnMaxLifetime > 0 {
		lifetime = c.ConnMaxLifetime
	}
	open := c.MaxOpenConns
	if open <= 0 {
		open = 20
	}
	idle := c.MaxIdleConns
	if idle <= 0 {
		idle = open
	}
	pool.SetMaxOpenConns(open)
	pool.SetMaxIdleConns(idle)
	pool.SetConnMaxLifetime(lifetime)
	pool.SetConnMaxIdleTime(c.ConnMaxIdleTime)
}
