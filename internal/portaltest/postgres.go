// Package portaltest holds what tests of several packages need: databases of their own, a clock,
// a letterbox, contract suites.
package portaltest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// serverEnv names a private server that the caller started already: the DSN of an account that
// may create databases. Saves the start of a server for each package under test.
const serverEnv = "MININFO_TEST_PG"

var server struct {
	once sync.Once
	dsn  string
	err  error
}

// Postgres gives the DSN of a fresh, empty PostgreSQL database, dropped at the end of the test.
// The server is private: started by the first test that asks, on a free port of the loopback
// address, and it dies with the test process. Without server programs the test fails.
func Postgres(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.dsn, server.err = adminDSN() })
	if server.err != nil {
		t.Fatalf("PostgreSQL for tests: %v", server.err)
	}
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		t.Fatal(err)
	}
	name := "t_" + hex.EncodeToString(id[:])
	runAdmin(t, server.dsn, "CREATE DATABASE "+name)
	t.Cleanup(func() { runAdmin(t, server.dsn, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(server.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func runAdmin(t testing.TB, dsn, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatalf("connecting to the test server: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func adminDSN() (string, error) {
	if dsn := os.Getenv(serverEnv); dsn != "" {
		return dsn, nil
	}
	return startServer()
}

// startServer makes a cluster in a temporary folder and starts it. What is committed need not even
// outlive the server: the data lives no longer than the test.
func startServer() (string, error) {
	removeStale(folderPrefix)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	c, err := newCluster(dir, "-c", "synchronous_commit=off", "-c", "max_connections=200", "-c", "shared_buffers=64MB")
	if err != nil {
		return "", err
	}
	err = c.start()
	return c.DSN(), err
}

// Cluster is a PostgreSQL server of one test's own, which can lose its power. What it committed
// outlives that, as on a disk that is waited for.
type Cluster struct {
	bin, dir string
	options  []string
	runAs    func(*exec.Cmd)
	port     int
	server   *exec.Cmd
	ended    <-chan struct{}
}

// PostgresCluster gives a server that runs and is empty, with settings ("name=value") beside the usual ones. It
// is stopped at the end of the test.
func PostgresCluster(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	removeStale(folderPrefix)
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	options := []string{"-c", "max_connections=40", "-c", "shared_buffers=8MB", "-c", "max_wal_size=64MB"}
	for _, s := range settings {
		options = append(options, "-c", s)
	}
	c, err := newCluster(dir, options...)
	if err == nil {
		err = c.start()
	}
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	t.Cleanup(c.Cut)
	return c
}

// DSN names the database "postgres". It is another one after each Start.
func (c *Cluster) DSN() string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", c.Address())
}

// Address gives host and port.
func (c *Cluster) Address() string { return fmt.Sprintf("127.0.0.1:%d", c.port) }

// WriteAheadLog gives the server's write-ahead log as it lies on the disk, segments that wait to be used anew too.
func (c *Cluster) WriteAheadLog(t testing.TB) []byte {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(c.dir, "data", "pg_wal", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, s := range segments {
		content, err := os.ReadFile(s)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // the server throws them away as it likes
			if info, stat := os.Stat(s); stat == nil && info.IsDir() {
				continue
			}
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return all
}

// Cut stops the server at once: no transaction ends, no connection is taken leave of.
func (c *Cluster) Cut() {
	if c.server == nil {
		return
	}
	_ = c.server.Process.Signal(syscall.SIGQUIT)
	<-c.ended
	c.server = nil
}

// Start starts the server after a cut and waits until it has found its way back.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	if err := c.start(); err != nil {
		t.Fatalf("starting PostgreSQL again: %v", err)
	}
}

func newCluster(dir string, options ...string) (*Cluster, error) {
	bin, err := serverPrograms()
	if err != nil {
		return nil, err
	}
	runAs, err := serverAccount(dir)
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, dir: dir, options: options, runAs: runAs}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir = dir
	runAs(initdb)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, lastLine(out))
	}
	return c, nil
}

// start starts the server on a free port. Somebody else may take that port first: then it ends, and
// is started on another.
func (c *Cluster) start() (err error) {
	for range 5 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		var log bytes.Buffer
		cmd := exec.Command(filepath.Join(c.bin, "postgres"), append([]string{"-D", filepath.Join(c.dir, "data"), "-p", fmt.Sprint(c.port),
			"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off"}, c.options...)...)
		cmd.Dir = c.dir
		cmd.Stdout, cmd.Stderr = &log, &log
		c.runAs(cmd)
		if c.ended, err = StartTied(cmd); err != nil {
			return fmt.Errorf("starting postgres: %w", err)
		}
		c.server = cmd
		err = waitReady(c.DSN(), c.ended)
		select {
		case <-c.ended:
			c.server = nil
			err = fmt.Errorf("postgres ended: %s", lastLine(log.Bytes()))
		default:
			return err
		}
	}
	return err
}

// serverPrograms finds the folder with initdb and postgres: the newest that Debian installed,
// else the one in PATH.
func serverPrograms() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Strings(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", fmt.Errorf("initdb and postgres are not installed (Debian: apt-get install postgresql)")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func waitReady(dsn string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := pgx.Connect(ctx, dsn); err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server did not answer within a minute")
		case <-ended:
			return fmt.Errorf("the server ended")
		case <-tick.C:
		}
	}
}

const folderPrefix = "portaltest-pg-"

// removeStale deletes the folders of servers whose test process is gone: a process that is
// killed cannot clean up after itself.
func removeStale(prefix string) {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range left {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), prefix), "-")
		if _, err := os.Stat("/proc/" + pid); os.IsNotExist(err) && runsProc() {
			_ = os.RemoveAll(dir)
		}
	}
}

func runsProc() bool {
	_, err := os.Stat("/proc/self")
	return err == nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
