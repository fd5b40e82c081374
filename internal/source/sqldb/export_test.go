package sqldb

import (
	"database/sql/driver"

	"mininfo/internal/source"
)

// NewSQLServer is OpenSQLServer with another driver.
func NewSQLServer(c source.Config, connector driver.Connector) source.Source {
	return newSQLServer(c, connector)
}
