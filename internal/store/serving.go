package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver" // database/sql driver "sqlite3"
)

// ErrServed: another process serves the portal of this SQLite file.
var ErrServed = errors.New("another mininfo serves this folder already: stop it first, or give this one a folder of its own with --data. Several processes on one portal need PostgreSQL")

// Serving takes a portal on SQLite for this process alone, until it is closed or the process ends,
// however that comes: the operating system lets go of it. It is ErrServed while another one has it. On
// PostgreSQL any number serve one portal.
func Serving(ctx context.Context, address string) (io.Closer, error) {
	path, ok := strings.CutPrefix(address, "sqlite://")
	if !ok {
		return io.NopCloser(nil), nil
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database's folder: %w", err)
	}
	mark := absolute + ".serving"
	// The mark is empty and stays: that the file is there says nothing, who holds it does.
	file, err := os.OpenFile(mark, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("marking the folder %s as served: make it, or correct the address (%w)", filepath.Dir(absolute), errors.Unwrap(err))
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("marking the folder as served: %w", err)
	}
	db, err := sql.Open("sqlite3", (&url.URL{Scheme: "file", Opaque: url.PathEscape(mark), RawQuery: "_pragma=busy_timeout(100)"}).String())
	if err != nil {
		return nil, fmt.Errorf("marking the folder as served: %w", err)
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	switch {
	case errors.Is(err, sqlite3.BUSY):
		return nil, errors.Join(ErrServed, db.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("marking the folder as served: %w", err), db.Close())
	}
	return held{conn, db}, nil
}

type held struct {
	conn *sql.Conn
	db   *sql.DB
}

// Close lets go.
func (h held) Close() error { return errors.Join(h.conn.Close(), h.db.Close()) }
