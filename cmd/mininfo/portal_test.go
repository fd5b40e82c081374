package main_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"mininfo/internal/demo"
	"mininfo/internal/portaltest"
)

// built is the program under test, linked once for the test process.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// program gives the path of the program under test.
func program(t testing.TB) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "mininfo-program-*"); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", filepath.Join(built.dir, "mininfo"), ".").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("building the program: %w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "mininfo")
}

// waiting is how long a test waits for something that has to happen; a machine may be busy.
const waiting = 90 * time.Second

// until asks again and again whether something has happened. What stands in what is told when it
// never does.
func until(t testing.TB, what string, happened func() bool) {
	t.Helper()
	untilWithin(t, what, waiting, happened)
}

func untilWithin(t testing.TB, what string, most time.Duration, happened func() bool) {
	t.Helper()
	deadline := time.Now().Add(most)
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for !happened() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain: %s", most, what)
		}
		<-tick.C
	}
}

// Setup says what a Portal stands on.
type Setup struct {
	Postgres        bool                // the portal's own database
	Cluster         *portaltest.Cluster // the server that it lies on, if the test has one of its own
	PostgresSources bool                // the company's databases
	Seed            uint64
	Rename          demo.Rename
	NoCompany       bool
	Env             []string
	Under           []string // a command that the program is started with, such as a tracer
}

func (s Setup) database() string {
	if s.Postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

// Portal is the program itself as a process of its own, with a mail server beside it.
type Portal struct {
	t testing.TB
	Setup
	Dir     string
	URL     string
	DSN     string // of its database
	Company *Company
	Mail    *Sink
	Traffic *Traffic

	listen  string
	env     []string
	logFile *os.File
	mu      sync.Mutex
	cmd     *exec.Cmd
	ended   <-chan struct{}
}

// newPortal prepares a portal and does not start it.
func newPortal(t testing.TB, s Setup) *Portal {
	t.Helper()
	p := &Portal{t: t, Setup: s, Dir: t.TempDir(), Mail: newSink(t), Traffic: &Traffic{}}
	port := freePort(t)
	p.listen = fmt.Sprintf("127.0.0.1:%d", port)
	p.URL = "http://" + p.listen
	p.DSN = "sqlite://" + filepath.Join(p.Dir, "mininfo.db")
	switch {
	case s.Cluster != nil:
		p.DSN = s.Cluster.DSN()
	case s.Postgres:
		p.DSN = portaltest.Postgres(t)
	}
	p.env = append(os.Environ(),
		"MININFO_DATA="+p.Dir, "MININFO_DATABASE="+p.DSN, "MININFO_PUBLIC_URL="+p.URL, "MININFO_LISTEN="+p.listen,
		"MININFO_SMTP="+p.Mail.URL(), "MININFO_TRUSTED_PROXIES=127.0.0.1/32", "MININFO_LOG_LEVEL=debug")
	if !s.NoCompany {
		p.Company = newCompany(t, s)
		p.env = append(p.env, "MININFO_SOURCES="+p.Company.Sources, "MININFO_REGISTER="+p.Company.Register)
	}
	p.env = append(p.env, s.Env...)
	var err error
	if p.logFile, err = os.OpenFile(filepath.Join(p.Dir, "stderr.log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Logf("the end of the program's log:\n%s", tail(p.Log(), 6000))
		}
		_ = p.logFile.Close()
	})
	return p
}

func tail(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Log gives everything that the program has written to its error stream.
func (p *Portal) Log() []byte {
	p.t.Helper()
	data, err := os.ReadFile(p.logFile.Name())
	if err != nil {
		p.t.Fatal(err)
	}
	return data
}

// Launch starts the program without waiting until it answers.
func (p *Portal) Launch() {
	p.t.Helper()
	line := append(slices.Clone(p.Under), program(p.t), "serve")
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env = p.env
	cmd.Stdout, cmd.Stderr = p.logFile, p.logFile
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ended, err := portaltest.StartTied(cmd)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.cmd, p.ended = cmd, ended
	p.mu.Unlock()
}

// Start starts the program and waits until it answers.
func (p *Portal) Start() {
	p.t.Helper()
	p.Launch()
	p.Ready()
}

// Ready waits until the program answers.
func (p *Portal) Ready() {
	p.t.Helper()
	quick := &http.Client{Timeout: 5 * time.Second}
	until(p.t, "the program answers", func() bool {
		select {
		case <-p.ended:
			p.t.Fatalf("the program ended instead of serving:\n%s", tail(p.Log(), 4000))
		default:
		}
		a, err := quick.Get(p.URL + "/readyz")
		if err != nil {
			return false
		}
		_ = a.Body.Close()
		return a.StatusCode == http.StatusOK
	})
}

// Kill ends the program at once, as a power cut does.
func (p *Portal) Kill() { p.end(syscall.SIGKILL) }

// Stop lets the program finish what it has begun.
func (p *Portal) Stop() { p.end(syscall.SIGTERM) }

func (p *Portal) end(how syscall.Signal) {
	p.mu.Lock()
	cmd, ended := p.cmd, p.ended
	p.cmd = nil
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(how)
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
		p.t.Errorf("the program did not end within 30 seconds of %v", how)
	}
}

// Run runs a command of the program and gives what it prints; a status other than 0 is an error
// with what it wrote to the error stream.
func (p *Portal) Run(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(p.t), args...)
	cmd.Env = p.env
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	_, _ = p.logFile.Write(errOut.Bytes())
	if err != nil {
		return out.String(), fmt.Errorf("mininfo %s: %w: %s", strings.Join(args, " "), err, errOut.String())
	}
	return out.String(), nil
}

// SQL opens the portal's own database past the program. The whole file of the SQLite database is
// encrypted, so that only the store can open it; see Portal.Rows.
func openSQL(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Company is the demo company's databases and files on disk.
type Company struct {
	t        testing.TB
	opt      demo.Options
	Dir      string
	DSN      string // of PostgreSQL, or empty
	Sources  string
	Register string
}

// newCompany makes Fjordlys' databases anew.
func newCompany(t testing.TB, s Setup) *Company {
	t.Helper()
	c := &Company{t: t, Dir: t.TempDir()}
	if s.Seed == 0 {
		s.Seed = demo.DefaultSeed
	}
	c.opt = demo.Options{Seed: s.Seed, Now: time.Now().UTC(), Dir: c.Dir, Rename: s.Rename}
	if s.PostgresSources {
		c.DSN = portaltest.Postgres(t)
		c.opt.Dir, c.opt.Postgres = "", openSQL(t, "pgx", c.DSN)
	}
	if err := demo.Generate(t.Context(), c.opt); err != nil && !errors.Is(err, demo.ErrExists) {
		t.Fatal(err)
	}
	address := func(source string) string {
		if c.DSN != "" {
			return c.DSN
		}
		return demo.SQLiteDSN(c.Dir, source)
	}
	if err := demo.WriteFiles(c.Dir, c.opt, address); err != nil {
		t.Fatal(err)
	}
	c.Sources, c.Register = filepath.Join(c.Dir, "sources.yaml"), filepath.Join(c.Dir, "register.yaml")
	if err := os.WriteFile(c.Register, demo.Register(), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}
