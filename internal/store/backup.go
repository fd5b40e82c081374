package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"mininfo/internal/keyring"
)

// ErrNotSQLite: only the database in a file is copied by us; a server's is its own tools' work.
var ErrNotSQLite = errors.New("this is a PostgreSQL database: back it up and restore it with its own tools (pg_dump, or base backups), together with the folder of files; the key file lies apart")

// errCopy does not wrap what the driver says: its address holds the key of the file.
var errCopy = errors.New("the database could not be copied; is there room on the disk?")

// CopySQLite writes a copy of the database file as it is at one moment, under the same key, while
// other processes go on writing. What was deleted is not in it. The copy is checked.
func CopySQLite(ctx context.Context, address string, ring *keyring.Ring, to string) error {
	path, ok := strings.CutPrefix(address, "sqlite://")
	if !ok {
		return ErrNotSQLite
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	db, err := sql.Open("sqlite3", sqliteDSN(path, ring))
	if err != nil {
		return errCopy
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := sameKey(ctx, db, ring); err != nil {
		return err
	}
	target := url.URL{Scheme: "file", Opaque: url.PathEscape(to), RawQuery: url.Values{
		"vfs": {"adiantum"}, "hexkey": {hex.EncodeToString(ring.Derive(keyring.LabelSQLiteFile))},
	}.Encode()}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", target.String()); err != nil {
		return errCopy
	}
	return CheckSQLite(ctx, to, ring)
}

// CheckSQLite tells whether a database file is whole and was written with this key file. It changes
// nothing but the file's journal.
func CheckSQLite(ctx context.Context, path string, ring *keyring.Ring) error {
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("looking for the database: %w", err)
	}
	db, err := sql.Open("sqlite3", sqliteDSN(path, ring))
	if err != nil {
		return errDamaged
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := sameKey(ctx, db, ring); err != nil {
		return err
	}
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&said); err != nil || said != "ok" {
		return errDamaged
	}
	return nil
}

var errDamaged = errors.New("the database in the backup is damaged")

func sameKey(ctx context.Context, db *sql.DB, ring *keyring.Ring) error {
	var fingerprint string
	err := db.QueryRowContext(ctx, "SELECT key_fingerprint FROM controller ORDER BY id LIMIT 1").Scan(&fingerprint)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ErrWrongKey
	}
	if fingerprint != "" && fingerprint != ring.Fingerprint() {
		return ErrWrongKey
	}
	return checkKeys(ctx, db, ring)
}
