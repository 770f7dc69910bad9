package mysql

import (
	"errors"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

// dialector is GORM's MySQL dialect with our translation of errors.
type dialector struct {
	*gormmysql.Dialector
}

func newDialector(conn *mysql.Config, pool gorm.ConnPool) gorm.Dialector {
	microseconds := 6
	return &dialector{&gormmysql.Dialector{Config: &gormmysql.Config{
		Conn:                      pool,
		DSNConfig:                 conn,
		SkipInitializeWithVersion: true,
		DefaultDatetimePrecision:  &microseconds,
		// What MariaDB does not have in common with MySQL. It renames columns and indexes since 10.5.
		DontSupportForShareClause:     true,
		DontSupportNullAsDefaultValue: true,
	}}}
}

// errorCodes maps the servers' error numbers to GORM's errors; MariaDB's differ for checks.
var errorCodes = map[uint16]error{
	1062: gorm.ErrDuplicatedKey,
	1586: gorm.ErrDuplicatedKey,
	1216: gorm.ErrForeignKeyViolated,
	1217: gorm.ErrForeignKeyViolated,
	1451: gorm.ErrForeignKeyViolated,
	1452: gorm.ErrForeignKeyViolated,
	3819: gorm.ErrCheckConstraintViolated,
	4025: gorm.ErrCheckConstraintViolated,
	1020: database.ErrConflict,    // MariaDB: record has changed since the snapshot
	1205: database.ErrConflict,    // lock wait timeout
	1213: database.ErrConflict,    // deadlock
	3572: database.ErrConflict,    // NOWAIT
	1021: database.ErrUnavailable, // disk full
	1040: database.ErrUnavailable, // too many connections
	1041: database.ErrUnavailable, // out of memory
	1053: database.ErrUnavailable, // server shutdown in progress
	1077: database.ErrUnavailable, // normal shutdown
	1114: database.ErrUnavailable, // the table is full, as the disk is
	1129: database.ErrUnavailable, // host blocked after too many failed connections
	1203: database.ErrUnavailable, // user has too many connections
	1226: database.ErrUnavailable, // user has exceeded a resource
	1927: database.ErrUnavailable, // MariaDB: connection was killed
	3169: database.ErrUnavailable, // MySQL: session was killed
	4031: database.ErrUnavailable, // MySQL: disconnected for inactivity
}

// Translate gives the servers' error numbers their meaning.
func (d *dialector) Translate(err error) error {
	var failure *mysql.MySQLError
	if errors.As(err, &failure) {
		return database.Translate(err, errorCodes[failure.Number])
	}
	if errors.Is(err, mysql.ErrInvalidConn) || database.ConnectionFailed(err) {
		return database.Translate(err, database.ErrUnavailable)
	}
	return err
}
