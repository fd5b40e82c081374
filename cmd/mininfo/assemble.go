package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mininfo/api"
	"mininfo/internal/access"
	"mininfo/internal/audit"
	"mininfo/internal/blob"
	"mininfo/internal/casework"
	"mininfo/internal/fulfilment"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/live"
	"mininfo/internal/mail"
	"mininfo/internal/source"
	"mininfo/internal/store"
	"mininfo/ui"
)

// portal is the assembled program.
type portal struct {
	cfg    config
	log    *slog.Logger
	ring   *keyring.Ring
	store  *store.Store
	blobs  blob.Store
	gate   *access.Gate
	desk   *casework.Desk
	works  *fulfilment.Works
	office *governance.Office
	live   *live.Hub
	mails  mail.Wording
	watch  *metrics // nil without a listener for it
}

func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func newLogger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}

// origin names the log in its checkpoints, by the key that signs them: receipts name the log too,
// and it must have the same name when the portal moves to another address.
func origin(signer ed25519.PrivateKey) string {
	sum := sha256.Sum256(signer[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	return "mininfo/" + hex.EncodeToString(sum[:8])
}

// openRing loads the key file, and makes it only where nothing has been written yet.
func openRing(ctx context.Context, cfg config) (*keyring.Ring, error) {
	ring, err := keyring.Load(cfg.KeyFile)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return ring, err
	}
	fresh, err := store.Fresh(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, fmt.Errorf("the key file %s is missing, and there is a database: bring the key file back from the backup; nothing can be read without it", cfg.KeyFile)
	}
	if err := os.MkdirAll(filepath.Dir(cfg.KeyFile), 0o700); err != nil {
		return nil, fmt.Errorf("making the key file's folder: %w", err)
	}
	return keyring.Create(cfg.KeyFile)
}

// openStore opens the portal's own database.
func openStore(ctx context.Context, cfg config) (*store.Store, *keyring.Ring, error) {
	ring, err := openRing(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	signer, err := audit.NewSigner(origin(ring.AuditSigner()), ring.AuditSigner())
	if err != nil {
		return nil, nil, fmt.Errorf("preparing the log's signature: %w", err)
	}
	s, err := store.Open(ctx, store.Options{URL: cfg.Database, Ring: ring, Now: now, Rand: rand.Reader, Signer: signer})
	return s, ring, err
}

// assemble builds everything from the configuration.
func assemble(ctx context.Context, cfg config, log *slog.Logger, demo bool) (*portal, error) {
	p := &portal{cfg: cfg, log: log}
	var err error
	if p.mails, err = cfg.wording(); err != nil { // before anything is made
		return nil, err
	}
	if p.store, p.ring, err = openStore(ctx, cfg); err != nil {
		return nil, err
	}
	if err := p.build(ctx, demo); err != nil {
		_ = p.store.Close()
		return nil, err
	}
	return p, nil
}

func (p *portal) build(ctx context.Context, demo bool) error {
	var err error
	if p.blobs, err = blob.Open(ctx, p.cfg.Blobs); err != nil {
		return fmt.Errorf("opening the files' place: %w", err)
	}
	sender, err := p.sender()
	if err != nil {
		return err
	}
	p.office = &governance.Office{Store: p.store, Mails: p.mails, Ring: p.ring, Blobs: p.blobs, Now: now, Rand: rand.Reader, PublicURL: p.cfg.PublicURL, Demo: demo, Anchor: p.cfg.Anchor}
	if p.cfg.SMTP != "" {
		p.office.Sender = sender
	}
	p.gate = &access.Gate{Store: p.store, Mails: p.mails, Ring: p.ring, Sender: sender, Now: now, Rand: rand.Reader, PublicURL: p.cfg.PublicURL, Logger: p.log, Demo: demo}
	if p.gate.OIDC, err = p.cfg.OIDC.signIn(); err != nil {
		return err
	}
	if demo {
		p.gate.LimitFactor = 100
	}
	p.desk = &casework.Desk{Store: p.store, Mails: p.mails, Sender: sender, PublicURL: p.cfg.PublicURL, Now: now, Rand: rand.Reader, Logger: p.log, Demo: demo}
	p.works = &fulfilment.Works{Store: p.store, Mails: p.mails, Blobs: p.blobs, Ring: p.ring, Sender: sender, Now: now, Rand: rand.Reader, PublicURL: p.cfg.PublicURL, Logger: p.log, Open: p.connections}
	p.live = live.New(p.store, p.log)
	p.desk.Searched = p.works.Searched
	if err := p.office.FirstStart(ctx); err != nil {
		return err
	}
	return p.takeIn(ctx)
}

// connections hands the connected systems from the office that keeps them to the works that read them.
func (p *portal) connections(ctx context.Context, j job.Job) (*fulfilment.Connections, error) {
	opened, err := p.office.Connections(ctx, j)
	if err != nil {
		return nil, err
	}
	c := &fulfilment.Connections{Sources: opened.Connected, Close: func() { _ = opened.Close() }}
	for _, place := range opened.Places {
		c.Manual = append(c.Manual, fulfilment.Place{ID: place.ID, Name: place.Name, Activity: place.Activity, Instructions: place.Instructions})
	}
	return c, nil
}

// takeIn takes in register and sources that the configuration names; each is a version when it differs.
func (p *portal) takeIn(ctx context.Context) error {
	if p.cfg.Register != "" {
		data, err := os.ReadFile(p.cfg.Register)
		if err != nil {
			return fmt.Errorf("reading the register: %w", err)
		}
		if _, err := p.office.SeedRegister(ctx, p.cfg.Register, data); err != nil {
			return err
		}
	}
	if p.cfg.Sources == "" {
		return nil
	}
	_, err := p.office.ImportSources(ctx, p.cfg.Sources, os.LookupEnv, governance.System())
	return err
}

// sender gives the mail server, the demo's letterbox, or something that keeps mails waiting until
// a server is configured.
func (p *portal) sender() (mail.Sender, error) {
	switch p.cfg.SMTP {
	case "dev:":
		return letterbox{p.store}, nil
	case "":
		return noServer{}, nil
	}
	return mail.NewSMTP(mail.SMTPConfig{URL: p.cfg.SMTP, Now: now, Timeout: 30 * time.Second})
}

// noServer keeps mails in the queue: nothing is lost while no server is configured.
type noServer struct{}

func (noServer) Send(context.Context, mail.Message) error {
	return &mail.SendError{Code: mail.CodeNoServer, Temporary: true}
}

// letterbox is the demo's mail server: a page shows what would have been sent.
type letterbox struct{ store *store.Store }

func (l letterbox) Send(ctx context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	return l.store.InTx(ctx, func(tx *store.Tx) error {
		return tx.KeepLetter(m.MessageID, store.Letter{To: m.To.Reveal(), Subject: m.Subject, Text: m.Text})
	})
}

// handler is the web side.
func (p *portal) handler(demo *api.Demonstration) (http.Handler, error) {
	proxies, err := p.cfg.proxies()
	if err != nil {
		return nil, err
	}
	cursors := p.ring.SubKey(keyring.LabelCursor)
	deps := api.Deps{
		Gate: p.gate, Desk: p.desk, Works: p.works, Office: p.office, Live: p.live, Ping: p.store.Ping, UI: ui.Dist(), PublicURL: p.cfg.PublicURL,
		TrustedProxies: proxies, Secure: p.cfg.secure(), Demo: demo, Now: now, Rand: rand.Reader, Logger: p.log,
		SealCursor: func(plain []byte) (string, error) {
			sealed, err := cursors.Seal(plain, keyring.Place{})
			return base64.RawURLEncoding.EncodeToString(sealed), err
		},
		OpenCursor: func(sealed string) ([]byte, error) {
			raw, err := base64.RawURLEncoding.DecodeString(sealed)
			if err != nil {
				return nil, err
			}
			return cursors.Open(raw, keyring.Place{})
		},
	}
	if p.watch != nil {
		deps.Measure = p.watch.answered
	}
	return api.New(deps)
}

// runner works the jobs.
func (p *portal) runner(concurrency int) *job.Runner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	work := map[string]job.Work{}
	for _, part := range []map[string]job.Work{p.gate.Work(), p.desk.Work(), p.works.Work(), p.office.Work()} {
		maps.Copy(work, part)
	}
	var observe func(job.Job, job.Outcome, time.Duration)
	if p.watch != nil {
		observe = p.watch.ran
	}
	periodic := slices.Concat(p.gate.Periodic(), p.desk.Periodic(), p.works.Periodic(), p.office.Periodic())
	return &job.Runner{
		Queue: p.store.Queue(), Work: work, Worker: fmt.Sprintf("%s-%d", host, os.Getpid()), Concurrency: concurrency, Periodic: periodic,
		Logger: p.log, Now: now, Rand: chance, Poll: time.Second, Grace: 10 * time.Second, MaxCrashes: p.cfg.MaxCrashes, Observe: observe, Describe: sourceFailure,
		OnGiveUp: func(ctx context.Context, j job.Job, code string) error {
			return errors.Join(p.works.GaveUp(ctx, j, code), p.desk.GaveUp(ctx, j, code))
		},
	}
}

// sourceFailure says which source failed a job, and how. A source's error quotes no rows.
func sourceFailure(err error) string {
	var own *source.Error
	if !errors.As(err, &own) {
		return ""
	}
	return own.Error()
}

// chance is a number in [0, 1) for the jitter of retries.
func chance() float64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0.5
	}
	return float64(binary.BigEndian.Uint64(b[:])>>11) / (1 << 53)
}

// sequence gives leaves their place in the log, every second.
func (p *portal) sequence(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := p.store.Sequence(ctx); err != nil && ctx.Err() == nil {
			p.log.ErrorContext(ctx, "sequencing the log", "error", err)
		}
	}
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
