package fulfilment_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"mininfo/internal/audit"
	"mininfo/internal/blob"
	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/store"
)

// tap stands between the engine and the systems, notes every call, and strikes once, at one of them.
type tap struct {
	mu     sync.Mutex
	on     bool
	calls  []string // "desk commit", in their order
	at     int      // the call at which it strikes
	after  bool     // when that call has been done
	strike func() error
	away   string // a system that answers nothing
}

// set makes the tap begin anew, and strike at a call; nil strikes nowhere.
func (p *tap) set(at int, after bool, strike func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on, p.calls, p.at, p.after, p.strike = true, nil, at, after, strike
}

// clear ends the watch: what was away is back. It gives the calls, and whether the tap struck.
func (p *tap) clear() (calls []string, struck bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls, struck = p.calls, p.strike == nil
	p.on, p.calls, p.strike, p.away = false, nil, nil, ""
	return calls, struck
}

// leave makes a system answer nothing from now on.
func (p *tap) leave(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = name
	return &source.Error{Source: name, Code: source.Unreachable}
}

func (p *tap) around(name, call string, do func() error) error {
	p.mu.Lock()
	away := p.away == name
	var strike func() error
	if p.on {
		if len(p.calls) == p.at {
			strike, p.strike = p.strike, nil
		}
		p.calls = append(p.calls, name+" "+call)
	}
	after := p.after
	p.mu.Unlock()
	if away {
		return &source.Error{Source: name, Code: source.Unreachable}
	}
	if strike != nil && !after {
		if err := strike(); err != nil {
			return err
		}
	}
	err := do()
	if strike != nil && after {
		return errors.Join(err, strike())
	}
	return err
}

// tapped is a system that is called through a tap.
type tapped struct {
	source.Source
	tap *tap
}

func (s tapped) Inspect(ctx context.Context) (out *source.Schema, err error) {
	err = s.tap.around(s.Name(), "inspect", func() (err error) { out, err = s.Source.Inspect(ctx); return err })
	return out, err
}

func (s tapped) Snapshot(ctx context.Context) (source.Snapshot, error) {
	out := tappedSnapshot{tapped: s}
	err := s.tap.around(s.Name(), "snapshot", func() (err error) { out.Snapshot, err = s.Source.(source.Finder).Snapshot(ctx); return err })
	return out, err
}

func (s tapped) Begin(ctx context.Context) (source.Change, error) {
	out := tappedChange{tapped: s}
	err := s.tap.around(s.Name(), "begin", func() (err error) { out.Change, err = s.Source.(source.Changer).Begin(ctx); return err })
	if err != nil && out.Change != nil {
		_ = out.Change.Rollback(ctx)
	}
	return out, err
}

type tappedSnapshot struct {
	source.Snapshot
	tapped tapped
}

func (s tappedSnapshot) Find(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	return s.tapped.tap.around(s.tapped.Name(), "find", func() error { return s.Snapshot.Find(ctx, q, fn) })
}

func (s tappedSnapshot) Close() error {
	done := false
	err := s.tapped.tap.around(s.tapped.Name(), "close", func() error { done = true; return s.Snapshot.Close() })
	if !done { // the system is gone, and what it had open with it
		_ = s.Snapshot.Close()
	}
	return err
}

type tappedChange struct {
	source.Change
	tapped tapped
}

func (c tappedChange) Lock(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	return c.tapped.tap.around(c.tapped.Name(), "lock", func() error { return c.Change.Lock(ctx, q, fn) })
}

func (c tappedChange) Update(ctx context.Context, t *source.Table, keys source.Match, sets []source.Set) (n int64, err error) {
	err = c.tapped.tap.around(c.tapped.Name(), "write", func() (err error) { n, err = c.Change.Update(ctx, t, keys, sets); return err })
	return n, err
}

func (c tappedChange) Delete(ctx context.Context, t *source.Table, keys source.Match) (n int64, err error) {
	err = c.tapped.tap.around(c.tapped.Name(), "write", func() (err error) { n, err = c.Change.Delete(ctx, t, keys); return err })
	return n, err
}

func (c tappedChange) Commit(ctx context.Context) error {
	done := false
	err := c.tapped.tap.around(c.tapped.Name(), "commit", func() error { done = true; return c.Change.Commit(ctx) })
	if !done { // the system is gone, and what it had open with it
		_ = c.Change.Rollback(ctx)
	}
	return err
}

// wire is a proxy in front of a PostgreSQL server.
type wire struct {
	mu     sync.Mutex
	listen net.Listener
	server func() string // where the server is now
	open   map[net.Conn]bool
	cut    bool
	strike func() // when a commit has been done and before its answer is passed on; that is lost
}

func newWire(t *testing.T, server func() string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listen: l, server: server, open: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); w.Cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(near)
		}
	}()
	return w
}

func (w *wire) DSN() string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", w.listen.Addr())
}

// Cut ends all connections, and lets none through until Heal.
func (w *wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	for c := range w.open {
		_ = c.Close()
	}
}

func (w *wire) Heal() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.strike = false, nil
}

// LoseAnswer makes the answer to the next commit get lost.
func (w *wire) LoseAnswer(strike func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strike = strike
}

func (w *wire) takeStrike() (strike func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	strike, w.strike = w.strike, nil
	return strike
}

func (w *wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		_ = c.Close()
		return false
	}
	w.open[c] = true
	return true
}

func (w *wire) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
	_ = c.Close()
}

func (w *wire) serve(near net.Conn) {
	if !w.keep(near) {
		return
	}
	defer w.drop(near)
	far, err := net.Dial("tcp", w.server())
	if err != nil || !w.keep(far) {
		return
	}
	defer w.drop(far)
	committing := make(chan func(), 1)
	go func() {
		defer w.drop(far)
		_ = pass(near, far, func(b []byte) bool {
			if bytes.Contains(b, []byte("COMMIT")) {
				if strike := w.takeStrike(); strike != nil {
					committing <- strike
				}
			}
			return true
		})
	}()
	_ = pass(far, near, func([]byte) bool {
		select {
		case strike := <-committing:
			strike()
			return false
		default:
			return true
		}
	})
}

// pass passes on what comes, for as long as look agrees.
func pass(from, to net.Conn, look func([]byte) bool) error {
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if n > 0 && !look(b[:n]) {
			return nil
		}
		if _, wrong := to.Write(b[:n]); err != nil || wrong != nil {
			return errors.Join(err, wrong)
		}
	}
}

// system is a connected database of the test.
type system struct{ Name, DSN, Dataset string }

// openSystems connects systems as the portal does for every job; through a tap, if there is one.
func openSystems(ctx context.Context, systems []system, p *tap) (*fulfilment.Connections, error) {
	c := &fulfilment.Connections{}
	var opened []source.Source
	c.Close = func() {
		for _, s := range opened {
			_ = s.Close()
		}
	}
	for _, y := range systems {
		s, err := kinds.Open(ctx, source.Config{Name: y.Name, DSN: source.NewSecret(y.DSN)})
		if err != nil {
			c.Close()
			return nil, err
		}
		opened = append(opened, s)
		sets, problems := dataset.Read(y.Name+".yaml", []byte(y.Dataset))
		if err := problems.Err(); err != nil {
			return nil, err
		}
		if p != nil {
			s = tapped{s, p}
		}
		c.Sources = append(c.Sources, engine.Connected{Source: s, Datasets: sets})
	}
	return c, nil
}

// dying tells a process of its own which job to begin, and at which call of the systems to die.
type dying struct {
	Kind                         string // of the job; "": an erasure is carried out
	URL, KeyFile, Blobs, TempDir string
	Now                          time.Time
	Systems                      []system
	At                           int
	After                        bool
}

const dyingEnv = "MININFO_TEST_DYING"

// begin works one execution with the product's own code and is killed in the middle. It returns
// only if it was not.
func (d dying) begin() error {
	ring, err := keyring.Load(d.KeyFile)
	if err != nil {
		return err
	}
	signer, err := audit.NewSigner("portal.example/log", ring.AuditSigner())
	if err != nil {
		return err
	}
	now := func() time.Time { return d.Now }
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{URL: d.URL, Ring: ring, Now: now, Rand: rand.Reader, QueueClock: now, Signer: signer})
	if err != nil {
		return err
	}
	disk, err := blob.OpenDisk(d.Blobs)
	if err != nil {
		return err
	}
	var p tap
	p.set(d.At, d.After, func() error {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	})
	works := &fulfilment.Works{Store: s, Blobs: disk, Ring: ring, Sender: &portaltest.Letterbox{}, Now: now, Rand: rand.Reader,
		PublicURL: portaltest.PublicURL, Logger: slog.New(slog.DiscardHandler), TempDir: d.TempDir,
		Open: func(ctx context.Context, _ job.Job) (*fulfilment.Connections, error) {
			return openSystems(ctx, d.Systems, &p)
		}}
	kind := cmp.Or(d.Kind, fulfilment.JobExecute)
	j, err := s.Queue().Claim(ctx, "dying", []string{kind}, time.Minute)
	if err != nil || j == nil {
		return fmt.Errorf("no job to begin: %w", err)
	}
	if err := works.Work()[kind].Handle(ctx, *j); err != nil && !errors.Is(err, job.ErrDone) {
		return err
	}
	return errors.New("it was done and nothing killed it")
}

// dieIfAsked is what a process that is started to be killed does instead of tests.
func dieIfAsked() {
	text := os.Getenv(dyingEnv)
	if text == "" {
		return
	}
	var d dying
	err := json.Unmarshal([]byte(text), &d)
	if err == nil {
		err = d.begin()
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
