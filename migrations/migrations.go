// Package migrations holds the portal's schema: numbered SQL files, forward only, the same names
// in both folders.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed sqlite/*.sql postgres/*.sql
var files embed.FS

// ErrNewer says that the database was written by a newer program.
var ErrNewer = errors.New("the database is newer than this program: start the newer program, or restore a backup from before it")

// Dialect is a database that the portal keeps its own rows in.
type Dialect string

// The dialects of the portal's own database.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Apply brings the schema up to date. Many processes may call it at once: one applies, the others
// wait. A database newer than this program is refused with ErrNewer.
func Apply(ctx context.Context, db *sql.DB, d Dialect) error {
	var err error
	// PostgreSQL has a lock for this. SQLite has none: whoever comes second finds the tables made
	// by the first, fails, and finds nothing left to do the next time.
	for range 4 {
		if err = apply(ctx, db, d); err == nil || errors.Is(err, ErrNewer) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func apply(ctx context.Context, db *sql.DB, d Dialect) error {
	p, err := provider(db, d)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema's version: %w", err)
	}
	if have > newest {
		return fmt.Errorf("schema %d, program %d: %w", have, newest, ErrNewer)
	}
	if have == newest {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("applying migrations: %w", err)
	}
	return nil
}

func provider(db *sql.DB, d Dialect) (*goose.Provider, error) {
	dir, err := fs.Sub(files, string(d))
	if err != nil {
		return nil, fmt.Errorf("opening the %s migrations: %w", d, err)
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if d == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 30))
		if err != nil {
			return nil, fmt.Errorf("preparing the migration lock: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, db, dir, options...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return p, nil
}
