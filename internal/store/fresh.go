package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"
)

// errAddress does not repeat the address: there is a password in it.
var errAddress = errors.New("the database's address cannot be read: write sqlite:///path/mininfo.db or postgres://user:password@host:5432/name")

// Fresh tells whether nothing has been written at a database's address yet. Only then may a key
// file be made: a new key beside an old database would lock it for ever.
func Fresh(ctx context.Context, url string) (bool, error) {
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		_, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return true, nil
		}
		return false, err
	}
	if _, err := pgx.ParseConfig(url); err != nil || !strings.HasPrefix(url, "postgres") {
		return false, errAddress
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return false, errAddress
	}
	defer db.Close()
	var table *string
	if err := db.QueryRowContext(ctx, "SELECT to_regclass('controller')::text").Scan(&table); err != nil {
		return false, fmt.Errorf("asking PostgreSQL: %w", safe(err))
	}
	return table == nil, nil
}
