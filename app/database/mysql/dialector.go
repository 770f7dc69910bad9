package mysql

import (
	"errors"
	"strings"

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
	3:    database.ErrUnavailable, // errors writing a file, as a full disk does
	1021: database.ErrUnavailable, // disk full
	1026: database.ErrUnavailable, // error on writing a file
	1030: database.ErrUnavailable, // error of the storage engine, such as a full disk
	1040: database.ErrUnavailable, // too many connections
	1041: database.ErrUnavailable, // out of memory
	1042: database.ErrUnavailable, // the server cannot resolve the address of the client
	1043: database.ErrUnavailable, // bad handshake
	1044: database.ErrUnavailable, // the user may not use the database
	1045: database.ErrUnavailable, // the server refuses the user or the password
	1047: database.ErrUnavailable, // a node of a Galera cluster that is not ready
	1049: database.ErrUnavailable, // the database does not exist
	1053: database.ErrUnavailable, // server shutdown in progress
	1077: database.ErrUnavailable, // normal shutdown
	1079: database.ErrUnavailable, // shutdown complete
	1080: database.ErrUnavailable, // the server closes the connection
	1114: database.ErrUnavailable, // the table is full, as the disk is
	1129: database.ErrUnavailable, // host blocked after too many failed connections
	1130: database.ErrUnavailable, // the server refuses the host
	1135: database.ErrUnavailable, // no thread for the connection
	1152: database.ErrUnavailable, // aborted connection
	1158: database.ErrUnavailable, // error reading packets
	1159: database.ErrUnavailable, // timeout reading packets
	1160: database.ErrUnavailable, // error writing packets
	1161: database.ErrUnavailable, // timeout writing packets
	1184: database.ErrUnavailable, // aborted connection
	1203: database.ErrUnavailable, // user has too many connections
	1226: database.ErrUnavailable, // user has exceeded a resource
	1698: database.ErrUnavailable, // the server refuses the user
	1836: database.ErrUnavailable, // read-only mode
	1927: database.ErrUnavailable, // MariaDB: connection was killed
	2002: database.ErrUnavailable, // a proxy cannot connect to the server
	2003: database.ErrUnavailable, // a proxy cannot connect to the server
	2006: database.ErrUnavailable, // a proxy has lost the server
	2013: database.ErrUnavailable, // a proxy has lost the server during a statement
	3032: database.ErrUnavailable, // MySQL: offline mode
	3169: database.ErrUnavailable, // MySQL: session was killed
	3118: database.ErrUnavailable, // MySQL: the account is locked
	4151: database.ErrUnavailable, // MariaDB: the account is locked
	4031: database.ErrUnavailable, // MySQL: disconnected for inactivity
	9001: database.ErrUnavailable, // ProxySQL: no server became available in time
}

// optionPrevents is the error number of a statement that an option of the server forbids. One such option is
// --read-only.
const optionPrevents = 1290

// Translate gives the servers' error numbers their meaning.
func (d *dialector) Translate(err error) error {
	var failure *mysql.MySQLError
	if errors.As(err, &failure) {
		if failure.Number == optionPrevents && strings.Contains(failure.Message, "read-only") {
			return database.Translate(err, database.ErrUnavailable)
		}
		return database.Translate(err, errorCodes[failure.Number])
	}
	if errors.Is(err, mysql.ErrInvalidConn) || database.ConnectionFailed(err) {
		return database.Translate(err, database.ErrUnavailable)
	}
	return err
}
