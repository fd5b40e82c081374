package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"mininfo/api"
	"mininfo/internal/store"
)

type serveCommand struct {
	config
	Demo    bool `help:"Serve the demo company Fjordlys AS; for this machine alone." env:"MININFO_DEMO"`
	Workers int  `help:"How many jobs to work at once." default:"4" env:"MININFO_WORKERS"`
}

// Run serves the portal until it is told to stop; then what has begun is finished.
func (c *serveCommand) Run(t *terminal) error {
	if c.Demo && c.SMTP == "" {
		c.SMTP = "dev:"
	}
	if err := c.complete(); err != nil {
		return err
	}
	if err := c.check(c.Demo); err != nil {
		return err
	}
	log := newLogger(t.err, c.LogLevel)
	// The address and the folder are taken before anything else: two portals on one folder must not both
	// begin.
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("nothing can be served at %s (%w): stop what runs there, or name another address with --listen", c.Listen, errors.Unwrap(err))
	}
	defer listener.Close()
	watched, err := c.listenForMetrics()
	if err != nil {
		return err
	}
	if c.Demo { // of a real portal a folder that is not there is a slip of the pen
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return fmt.Errorf("making the demo's folder: %w", err)
		}
	}
	served, err := store.Serving(t.ctx, c.Database)
	if err != nil {
		return err
	}
	defer served.Close()
	var demonstration *api.Demonstration
	if c.Demo {
		if err := refuseReal(t.ctx, c.config); err != nil {
			return err
		}
		if err := makeDemoCompany(t.ctx, &c.config); err != nil {
			return err
		}
	}
	p, err := assemble(t.ctx, c.config, log, c.Demo)
	if err != nil {
		return err
	}
	defer p.store.Close()
	if c.Demo {
		if demonstration, err = p.openDemo(t.ctx); err != nil {
			return err
		}
	}
	p.watchAt(t.ctx, watched)
	handler, err := p.handler(demonstration)
	if err != nil {
		return err
	}
	p.welcome(t, c.Demo)
	return p.serve(t.ctx, listener, handler, c.Workers)
}

// welcome tells where the portal is.
func (p *portal) welcome(t *terminal, demo bool) {
	fmt.Fprintf(t.out, "Mininfo is open at %s\n", p.cfg.PublicURL)
	if demo {
		fmt.Fprintf(t.out, "  the person:  %s\n  the office:  %s/staff\n  the mails:   %s/demo/mail\n", p.cfg.PublicURL, p.cfg.PublicURL, p.cfg.PublicURL)
		return
	}
	members := 0
	_ = p.store.Read(context.Background(), func(tx *store.Tx) error {
		all, err := tx.Members()
		members = len(all)
		return err
	})
	if members == 0 {
		fmt.Fprintf(t.out, "No member yet. Make the first: mininfo staff add --name \"Your Name\" --email you@example.no\n")
	}
	if p.cfg.SMTP == "" {
		fmt.Fprintf(t.out, "No mail server yet: mails wait until MININFO_SMTP is set.\n")
	}
}

// serve runs web, workers and the log's sequencer until ctx ends.
func (p *portal) serve(ctx context.Context, listener net.Listener, handler http.Handler, workers int) error {
	server := api.HTTPServer(handler, now, p.log)
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var background sync.WaitGroup
	failed := make(chan error, 2)
	background.Go(func() {
		if err := p.runner(workers).Run(working); err != nil {
			failed <- fmt.Errorf("working jobs: %w", err)
		}
	})
	background.Go(func() { p.sequence(working) })
	background.Go(func() { p.live.Run(working) })
	server.RegisterOnShutdown(p.live.Close) // an open page would hold the end up
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serving: %w", err)
		}
	}()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	if stopped := server.Shutdown(closing); stopped != nil && err == nil {
		p.log.Warn("some answers were cut short", "error", stopped)
	}
	stop()
	background.Wait()
	if _, sequenced := p.store.Sequence(closing); sequenced != nil {
		p.log.Warn("the log's last leaves wait for the next start", "error", sequenced)
	}
	return err
}

type workerCommand struct {
	config
	Workers int `help:"How many jobs to work at once." default:"8" env:"MININFO_WORKERS"`
}

var errWorkerSQLite = errors.New("a worker of its own needs PostgreSQL: on SQLite, mininfo serve works the jobs itself")

// Run works jobs until it is told to stop.
func (c *workerCommand) Run(t *terminal) error {
	if err := c.complete(); err != nil {
		return err
	}
	if strings.HasPrefix(c.Database, "sqlite://") {
		return misused{errWorkerSQLite}
	}
	if err := c.check(false); err != nil {
		return err
	}
	watched, err := c.listenForMetrics()
	if err != nil {
		return err
	}
	p, err := assemble(t.ctx, c.config, newLogger(t.err, c.LogLevel), false)
	if err != nil {
		return err
	}
	defer p.store.Close()
	p.watchAt(t.ctx, watched)
	p.log.Info("working", slog.Int("at_once", c.Workers))
	go p.sequence(t.ctx)
	return p.runner(c.Workers).Run(t.ctx)
}

type migrateCommand struct{ config }

// Run brings the schema up to date.
func (c *migrateCommand) Run(t *terminal) error {
	if err := c.complete(); err != nil {
		return err
	}
	s, _, err := openStore(t.ctx, c.config)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = fmt.Fprintln(t.out, "The schema is up to date.")
	return err
}
