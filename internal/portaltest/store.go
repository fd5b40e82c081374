package portaltest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/audit"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// PublicURL is where the portal of a Bundle says that it is.
const PublicURL = "https://portal.example"

// Bundle is a fresh portal database and what goes with it.
type Bundle struct {
	Store   *store.Store
	Ring    *keyring.Ring
	Clock   *Clock
	Letters *Letterbox
	Dialect migrations.Dialect
	// URL is the database's address, for a second Store.
	URL string
	// KeyFile holds the ring.
	KeyFile string
	// GaveUp is told of jobs that are given up; nil tells nobody.
	GaveUp func(ctx context.Context, j job.Job, code string) error
}

// Each runs a test on a fresh SQLite file (encrypted, as in the product) and on a fresh PostgreSQL
// database, both at the same time.
func Each(t *testing.T, test func(t *testing.T, b *Bundle)) {
	t.Helper()
	for _, d := range []migrations.Dialect{migrations.SQLite, migrations.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			test(t, New(t, d))
		})
	}
}

// New gives a fresh database of one kind, closed and removed at the end of the test.
func New(t testing.TB, d migrations.Dialect) *Bundle {
	t.Helper()
	b := newBundle(t, d)
	if d == migrations.SQLite {
		b.URL = "sqlite://" + copySQLite(t)
	} else {
		b.URL = copyPostgres(t)
	}
	b.Store = b.Open(t)
	return b
}

// NewOn gives the portal's database on a server of the test's own, which is empty.
func NewOn(t testing.TB, c *Cluster) *Bundle {
	t.Helper()
	b := newBundle(t, migrations.Postgres)
	b.URL = c.DSN()
	b.Store = b.Open(t)
	return b
}

func newBundle(t testing.TB, d migrations.Dialect) *Bundle {
	t.Helper()
	made.once.Do(func() { made.err = makeTemplates() })
	if made.err != nil {
		t.Fatalf("making the templates of databases: %v", made.err)
	}
	b := &Bundle{Ring: made.ring, Clock: NewClock(Start), Letters: &Letterbox{}, Dialect: d}
	b.KeyFile = filepath.Join(t.TempDir(), "mininfo.key")
	if err := os.WriteFile(b.KeyFile, made.key, 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

// Open opens the bundle's database once more, as another process would. It is closed at the end of
// the test.
func (b *Bundle) Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := openStore(b.URL, b.Ring, b.Clock.Now)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openStore(address string, ring *keyring.Ring, now func() time.Time) (*store.Store, error) {
	signer, err := audit.NewSigner("portal.example/log", ring.AuditSigner())
	if err != nil {
		return nil, err
	}
	return store.Open(context.Background(), store.Options{
		URL: address, Ring: ring, Now: now, Rand: rand.Reader, QueueClock: now, Signer: signer,
	})
}

// VerifierKey is what checks the checkpoints and receipts of a bundle's log.
func (b *Bundle) VerifierKey(t testing.TB) string {
	t.Helper()
	signer, err := audit.NewSigner("portal.example/log", b.Ring.AuditSigner())
	if err != nil {
		t.Fatal(err)
	}
	return signer.VerifierKey()
}

// TokenKey is what checks the tokens of API clients.
func (b *Bundle) TokenKey() ed25519.PublicKey {
	return b.Ring.TokenSigner().Public().(ed25519.PublicKey)
}

// Templates of databases: migrating anew for every test would take most of its time.
var made struct {
	once     sync.Once
	err      error
	ring     *keyring.Ring
	key      []byte // the file of the ring
	sqlite   []byte
	postgres string // name of a database on the test server; made when first asked for
	pgOnce   sync.Once
	pgErr    error
	mu       sync.Mutex
	free     []string // databases of tests that are over, emptied
}

func makeTemplates() error {
	dir, err := os.MkdirTemp("", "portaltest-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	keyFile := filepath.Join(dir, "mininfo.key")
	if made.ring, err = keyring.Create(keyFile); err != nil {
		return err
	}
	if made.key, err = os.ReadFile(keyFile); err != nil {
		return err
	}
	path := filepath.Join(dir, "template.db")
	s, err := openStore("sqlite://"+path, made.ring, NewClock(Start).Now)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	made.sqlite, err = os.ReadFile(path)
	return err
}

func copySQLite(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mininfo.db")
	if err := os.WriteFile(path, made.sqlite, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// copyPostgres gives a database of an earlier test that was emptied, else a new copy of the template:
// emptying takes a hundredth of the time of making one.
func copyPostgres(t testing.TB) string {
	t.Helper()
	made.pgOnce.Do(func() { made.pgErr = makePostgresTemplate(t) })
	if made.pgErr != nil {
		t.Fatalf("making the template on PostgreSQL: %v", made.pgErr)
	}
	name := takeFree()
	if name == "" {
		name = "t_" + randomName(t)
		runAdmin(t, server.dsn, "CREATE DATABASE "+name+" TEMPLATE "+made.postgres)
	}
	address := databaseURL(t, name)
	t.Cleanup(func() {
		if t.Failed() || empty(address) != nil {
			runAdmin(t, server.dsn, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
			return
		}
		made.mu.Lock()
		defer made.mu.Unlock()
		made.free = append(made.free, name)
	})
	return address
}

func takeFree() string {
	made.mu.Lock()
	defer made.mu.Unlock()
	if len(made.free) == 0 {
		return ""
	}
	name := made.free[len(made.free)-1]
	made.free = made.free[:len(made.free)-1]
	return name
}

// emptying deletes all rows, past the triggers that forbid it, and lets ids begin at one again.
const emptying = `SET session_replication_role = replica;
DO $$ DECLARE t text; BEGIN
	FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' LOOP
		EXECUTE format('DELETE FROM %I', t);
	END LOOP;
	PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences
		WHERE schemaname = 'public' AND sequencename NOT LIKE 'goose%';
END $$`

func empty(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, emptying).ReadAll()
	return err
}

// makePostgresTemplate leaves a database that no test owns; it goes with the server.
func makePostgresTemplate(t testing.TB) error {
	server.once.Do(func() { server.dsn, server.err = adminDSN() })
	if server.err != nil {
		return server.err
	}
	made.postgres = "template_" + randomName(t)
	runAdmin(t, server.dsn, "CREATE DATABASE "+made.postgres)
	s, err := openStore(databaseURL(t, made.postgres), made.ring, NewClock(Start).Now)
	if err != nil {
		return err
	}
	return s.Close()
}

func databaseURL(t testing.TB, name string) string {
	t.Helper()
	u, err := url.Parse(server.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func randomName(t testing.TB) string {
	t.Helper()
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(id[:])
}

// SQL opens the bundle's database beside the store, to look at what lies in it. It is closed at the
// end of the test.
func (b *Bundle) SQL(t testing.TB) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", b.URL
	if b.Dialect == migrations.SQLite {
		q := url.Values{}
		q.Set("vfs", "adiantum")
		q.Set("hexkey", hex.EncodeToString(b.Ring.Derive(keyring.LabelSQLiteFile)))
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "busy_timeout(10000)")
		path := strings.TrimPrefix(b.URL, "sqlite://")
		driver, dsn = "sqlite3", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Count gives the number that a query answers; its placeholders are $1, $2, ….
func (b *Bundle) Count(t testing.TB, query string, args ...any) int {
	t.Helper()
	db := b.SQL(t)
	defer db.Close() // a test looks often, and a server has only so many connections
	var n int
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Dump gives every value of some tables as text, to look for what must not be there.
func (b *Bundle) Dump(t testing.TB, tables ...string) string {
	t.Helper()
	db := b.SQL(t)
	defer db.Close()
	var out strings.Builder
	for _, table := range tables {
		if err := dumpTable(t.Context(), db, table, &out); err != nil {
			t.Fatalf("reading %s: %v", table, err)
		}
	}
	return out.String()
}

func dumpTable(ctx context.Context, db *sql.DB, table string, out *strings.Builder) error {
	rows, err := db.QueryContext(ctx, "SELECT * FROM "+table) // a table's name written in the test itself
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]sql.RawBytes, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		out.WriteString(table)
		for _, v := range values {
			out.WriteByte('\t')
			out.Write(v)
		}
		out.WriteByte('\n')
	}
	return rows.Err()
}

// RunJobs works every job that is ready until none is: with the real runner on the real table, one
// at a time. A job that failed waits for its backoff: move the clock (past 15 minutes is enough) and
// run again. It gives how many runs there were.
func (b *Bundle) RunJobs(t testing.TB, work map[string]job.Work) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	q := &drain{Queue: b.Store.Queue(), idle: cancel}
	runner := &job.Runner{
		Queue: q, Work: work, Worker: "test", Concurrency: 1, Now: b.Clock.Now,
		Rand: func() float64 { return 0.5 }, Poll: time.Millisecond, OnGiveUp: b.GaveUp,
		Observe: func(job.Job, job.Outcome, time.Duration) { q.ended() },
	}
	if err := runner.Run(ctx); err != nil {
		t.Fatalf("running jobs: %v", err)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Fatal("the jobs did not come to an end within a minute")
	}
	return q.runs
}

// drain stops the runner when nothing is ready and nothing runs.
type drain struct {
	job.Queue
	idle    context.CancelFunc
	mu      sync.Mutex
	running int
	runs    int
}

// Claim passes a job on and stops the runner when there is none left.
func (d *drain) Claim(ctx context.Context, worker string, kinds []string, lease time.Duration) (*job.Job, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	j, err := d.Queue.Claim(ctx, worker, kinds, lease)
	switch {
	case err != nil:
	case j != nil:
		d.running++
		d.runs++
	case d.running == 0:
		d.idle()
	}
	return j, err
}

func (d *drain) ended() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running--
}
