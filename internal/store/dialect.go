package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/gormlite"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // the file is encrypted
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"mininfo/internal/keyring"
	"mininfo/migrations"
)

// config silences GORM: it would log statements with their values, which are personal data.
func config(opt Options) *gorm.Config {
	return &gorm.Config{
		Logger:                 logger.Discard,
		TranslateError:         true,
		SkipDefaultTransaction: true,
		NowFunc:                func() time.Time { return opt.Now().UTC().Truncate(time.Microsecond) },
	}
}

// sqliteDSN: IMMEDIATE transactions (a deferred one that reads and then writes fails at once
// under load), FULL sync (NORMAL loses acknowledged commits in a power cut), secure_delete (a
// plain DELETE leaves the text in the file). The key stands in the DSN: never log it.
func sqliteDSN(path string, ring *keyring.Ring) string {
	q := url.Values{}
	q.Set("vfs", "adiantum")
	q.Set("hexkey", hex.EncodeToString(ring.Derive(keyring.LabelSQLiteFile)))
	q.Set("_txlock", "immediate")
	for _, pragma := range []string{
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(on)",
		"secure_delete(on)", "trusted_schema(off)", "temp_store(memory)",
	} {
		q.Add("_pragma", pragma)
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String()
}

func openSQLite(path string, opt Options) (*gorm.DB, error) {
	if path == "" {
		return nil, errors.New("the database's address lacks a file: write sqlite:///path/to/mininfo.db")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database's folder: %w", err)
	}
	// A folder made here would turn a slip in the address into an empty portal.
	if _, err := os.Stat(filepath.Dir(absolute)); err != nil {
		return nil, fmt.Errorf("the database's folder %s cannot be opened: make it, or correct the address", filepath.Dir(absolute))
	}
	db, err := gorm.Open(gormlite.Open(sqliteDSN(absolute, opt.Ring)), config(opt))
	if err != nil {
		if errors.Is(err, sqlite3.NOTADB) {
			return nil, ErrWrongKey
		}
		return nil, fmt.Errorf("opening the SQLite file: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	return db, nil
}

func openPostgres(opt Options) (*gorm.DB, error) {
	cfg, err := pgx.ParseConfig(opt.URL)
	if err != nil {
		return nil, errAddress
	}
	cfg.RuntimeParams["application_name"] = "mininfo"
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	cfg.RuntimeParams["lock_timeout"] = "15000"
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(8)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), config(opt))
	if err != nil {
		return nil, fmt.Errorf("opening PostgreSQL at %s:%d: %w; does it run, and are name and password right?", cfg.Host, cfg.Port, safe(err))
	}
	return db, nil
}

// safe drops what the driver quotes of the address: host, user and database.
func safe(err error) error {
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return errors.New("no connection to the server")
	}
	return err
}

// checkServer warns of a PostgreSQL that may lose what it has acknowledged.
func (s *Store) checkServer(ctx context.Context) error {
	if s.dialect != migrations.Postgres {
		return nil
	}
	var off []string
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := s.sql.QueryRowContext(ctx, "SHOW "+name).Scan(&value); err != nil {
			return fmt.Errorf("asking PostgreSQL for %s: %w", name, safe(err))
		}
		if value == "off" {
			off = append(off, name)
		}
	}
	if len(off) > 0 {
		slog.WarnContext(ctx, "PostgreSQL may lose acknowledged work", "off", off)
	}
	return nil
}

const channel = "mininfo_job"

// listen turns PostgreSQL's notifications into wake-ups; the runner polls as well, so a lost
// connection only costs time.
func (s *Store) listen(ctx context.Context) {
	for ctx.Err() == nil {
		_ = s.listenOnce(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

func (s *Store) listenOnce(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.opt.URL)
	if err != nil {
		return err
	}
	defer func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(bounded)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		s.signal()
	}
}

// nudge wakes the workers here and, on PostgreSQL, in every other process.
func (s *Store) nudge() {
	s.signal()
	if s.dialect == migrations.Postgres {
		_, _ = s.sql.Exec("SELECT pg_notify($1, '')", channel)
	}
}

func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// databaseMicros is the database's own clock as an SQL expression: the leases of workers on
// several machines are compared by one clock.
func (s *Store) databaseMicros() string {
	if s.dialect == migrations.Postgres {
		return "(extract(epoch from statement_timestamp()) * 1000000)::bigint"
	}
	return "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
}
