// Package store keeps the portal's own rows, on SQLite (an encrypted file) and on PostgreSQL.
// It alone knows GORM. Use cases call InTx; inside it only the Tx may be used, and nothing slow
// or foreign may happen: no mail, no other database, no file.
package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"
	"gorm.io/gorm"

	"mininfo/internal/audit"
	"mininfo/internal/keyring"
	"mininfo/migrations"
)

// Options says where the rows lie and what the store may not invent: time, randomness and keys.
type Options struct {
	// URL is sqlite:///path/to/file or postgres://….
	URL  string
	Ring *keyring.Ring
	// Now gives the time of a transaction.
	Now func() time.Time
	// Rand makes public ids.
	Rand io.Reader
	// QueueClock replaces the database's clock for jobs' leases; nil in the product.
	QueueClock func() time.Time
	// Signer signs the log's checkpoints.
	Signer *audit.Signer
}

// Store is the portal's database. It is safe for concurrent use.
type Store struct {
	db      *gorm.DB
	sql     *sql.DB
	dialect migrations.Dialect
	opt     Options
	wake    chan struct{}
	stop    context.CancelFunc
	done    sync.WaitGroup
}

// Open opens the database and brings its schema up to date. The caller closes it.
// It fails when the database was written with another key file.
func Open(ctx context.Context, opt Options) (*Store, error) {
	s := &Store{opt: opt, wake: make(chan struct{}, 1)}
	var err error
	switch {
	case strings.HasPrefix(opt.URL, "sqlite://"):
		s.dialect = migrations.SQLite
		s.db, err = openSQLite(strings.TrimPrefix(opt.URL, "sqlite://"), opt)
	case strings.HasPrefix(opt.URL, "postgres://"), strings.HasPrefix(opt.URL, "postgresql://"):
		s.dialect = migrations.Postgres
		s.db, err = openPostgres(opt)
	default:
		return nil, errors.New("the database's address must start with sqlite:// or postgres://")
	}
	if err != nil {
		return nil, err
	}
	if s.sql, err = s.db.DB(); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if err := s.start(ctx); err != nil {
		_ = s.sql.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) start(ctx context.Context) error {
	if err := s.checkServer(ctx); err != nil {
		return err
	}
	if err := migrations.Apply(ctx, s.sql, s.dialect); err != nil {
		return err
	}
	var fingerprint string
	err := s.db.WithContext(ctx).Raw("SELECT key_fingerprint FROM controller ORDER BY id LIMIT 1").Scan(&fingerprint).Error
	if err != nil {
		return fmt.Errorf("reading the key's fingerprint: %w", safe(err))
	}
	if fingerprint != "" && fingerprint != s.opt.Ring.Fingerprint() {
		return ErrWrongKey
	}
	if err := s.CheckKeys(ctx); err != nil {
		return err
	}
	listening, stop := context.WithCancel(context.Background())
	s.stop = stop
	if s.dialect == migrations.Postgres {
		s.done.Go(func() { s.listen(listening) })
	}
	return nil
}

// ErrWrongKey says that the key file is not the one that the database was written with.
var ErrWrongKey = errors.New("the key file does not belong to this database: find the right one in the backup; nothing in the database can be read without it")

// Close waits for running transactions and closes the database.
func (s *Store) Close() error {
	if s.stop != nil {
		s.stop()
	}
	s.done.Wait()
	if s.dialect == migrations.SQLite {
		// What was erased must not live on in the write-ahead log.
		_, _ = s.sql.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return s.sql.Close()
}

// Dialect tells which database this is.
func (s *Store) Dialect() migrations.Dialect { return s.dialect }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.sql.PingContext(ctx); err != nil {
		return fmt.Errorf("the portal's database does not answer: %w", err)
	}
	return nil
}

// Truncate takes what was shredded out of the files: SQLite's write-ahead log is emptied, and PostgreSQL
// writes the small table of keys anew, since a row that is gone lies in its pages until others need the
// room. Where somebody holds that table, and where it has grown large, its room is only given free.
func (s *Store) Truncate(ctx context.Context) error {
	if s.dialect == migrations.SQLite {
		if _, err := s.sql.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			return fmt.Errorf("emptying the write-ahead log: %w", err)
		}
		return nil
	}
	conn, err := s.sql.Conn(ctx)
	if err != nil {
		return fmt.Errorf("clearing the table of keys: %w", safe(err))
	}
	defer conn.Close()
	var size int64
	if err := conn.QueryRowContext(ctx, "SELECT pg_relation_size('data_key')").Scan(&size); err != nil {
		return fmt.Errorf("clearing the table of keys: %w", safe(err))
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "RESET lock_timeout") }()
	if _, err := conn.ExecContext(ctx, "SET lock_timeout = '100ms'"); err != nil {
		return fmt.Errorf("clearing the table of keys: %w", safe(err))
	}
	if size <= rewriteKeys {
		if _, err = conn.ExecContext(ctx, "VACUUM FULL data_key"); err == nil {
			return nil
		}
	}
	if _, err := conn.ExecContext(ctx, "VACUUM data_key"); err != nil && !busy(err) {
		return fmt.Errorf("clearing the table of keys: %w", safe(err))
	}
	return nil
}

// rewriteKeys is how large the table of keys may be to be written anew: all wait for so long.
const rewriteKeys = 64 << 20

// busy tells whether a lock was not to be had.
func busy(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "55P03"
}

// Tx is one transaction. Its time is one instant for all that it writes.
type Tx struct {
	// Now is the time of everything written here, in whole microseconds UTC.
	Now time.Time

	ctx      context.Context
	db       *gorm.DB
	s        *Store
	keys     map[string]keyring.DataKey
	reading  bool
	enqueued bool
	changed  map[int64]bool // cases, by their inside ids
}

// InTx runs a use case's transaction: all of it is kept, or nothing. A conflict with another
// transaction that the database resolves by giving up is tried again, so fn may run more than
// once and must do nothing but work with tx.
func (s *Store) InTx(ctx context.Context, fn func(*Tx) error) error {
	const tries = 6
	var err error
	for try := range tries {
		if err = ctx.Err(); err != nil {
			return err
		}
		enqueued := false
		err = s.db.WithContext(ctx).Transaction(func(db *gorm.DB) error {
			tx := s.newTx(ctx, db)
			defer func() { enqueued = tx.enqueued }()
			if err := fn(tx); err != nil {
				return err
			}
			return tx.tellChanges()
		})
		if err == nil {
			if enqueued {
				s.nudge()
			}
			return nil
		}
		if !conflict(err) || try == tries-1 {
			return err
		}
		if !s.pause(ctx, try) {
			return err
		}
	}
	return err
}

// pause waits a little, so that transactions that met do not meet again; false: the context ended.
func (s *Store) pause(ctx context.Context, try int) bool {
	wait := time.NewTimer(s.jitter(10 << try))
	defer wait.Stop()
	select {
	case <-wait.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Read runs a transaction that writes nothing: the database itself refuses to. All that it reads is of
// one moment, on either database.
func (s *Store) Read(ctx context.Context, fn func(*Tx) error) error {
	opt := &sql.TxOptions{ReadOnly: true}
	if s.dialect == migrations.Postgres {
		opt.Isolation = sql.LevelRepeatableRead
	}
	return s.db.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		tx := s.newTx(ctx, db)
		tx.reading = true
		return fn(tx)
	}, opt)
}

func (s *Store) newTx(ctx context.Context, db *gorm.DB) *Tx {
	return &Tx{
		Now: s.opt.Now().UTC().Truncate(time.Microsecond),
		ctx: ctx, db: db, s: s, keys: map[string]keyring.DataKey{}, changed: map[int64]bool{},
	}
}

// Context is the transaction's context.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Ring gives the keys that indexes and sub-keys are derived from.
func (tx *Tx) Ring() *keyring.Ring { return tx.s.opt.Ring }

// NewID makes a public id: 128 random bits.
func (tx *Tx) NewID() (string, error) { return tx.s.NewID() }

// NewID makes a public id: 128 random bits, in hex.
func (s *Store) NewID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.opt.Rand, b[:]); err != nil {
		return "", fmt.Errorf("drawing an id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// isID tells whether a text can be a public id. What a stranger sends instead need not be a text at all, and
// PostgreSQL takes no question with such in it.
func isID(s string) bool { return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == "" }

// Micros is an instant as the rows keep it: whole microseconds UTC.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Instant is the reverse of Micros.
func Instant(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

func microsOrNil(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	m := t.UnixMicro()
	return &m
}

func instantOrNil(micros *int64) *time.Time {
	if micros == nil {
		return nil
	}
	t := time.UnixMicro(*micros).UTC()
	return &t
}

// errAgain marks the error of a transaction that lost a race and will find, when it is run again,
// what the winner wrote.
var errAgain = errors.New("another transaction was first")

// conflict tells whether a transaction failed only because of another one, so that it may simply
// be tried again.
func conflict(err error) bool {
	if errors.Is(err, errAgain) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	return errors.Is(err, sqlite3.BUSY_SNAPSHOT) || errors.Is(err, sqlite3.BUSY)
}

// changed turns a guarded UPDATE's result into yes or no: false means that the guard did not
// hold, so somebody else was first or the state had moved.
func changed(result *gorm.DB) (bool, error) {
	if result.Error != nil {
		return false, result.Error
	}
	return result.RowsAffected == 1, nil
}

// missing tells whether a query found nothing.
func missing(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

// jitter is a random wait of at most so many milliseconds: transactions that collided must not
// collide again.
func (s *Store) jitter(most int) time.Duration {
	var b [1]byte
	if _, err := io.ReadFull(s.opt.Rand, b[:]); err != nil {
		return time.Millisecond
	}
	return time.Duration(1+most*int(b[0])/256) * time.Millisecond
}
