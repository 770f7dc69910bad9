package database

import "database/sql"

// Limit applies cfg's limits to the pool of a database server; drivers call it.
func (c Config) Limit(pool *sql.DB) {
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
	pool.SetConnMaxLifetime(c.ConnMaxLifetime)
	pool.SetConnMaxIdleTime(c.ConnMaxIdleTime)
}
