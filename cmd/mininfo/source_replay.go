package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

type sourceReplayCommand struct {
	config
	planFlags
	Yes       bool     `help:"Show the plan, and carry it out without asking." xor:"do"`
	Only      []string `name:"source" help:"Only this system; may be repeated." sep:"none" placeholder:"NAME"`
	BackupOf  string   `help:"The moment that the restored backup shows, such as 2026-06-01T03:00. What was erased before it is let be; without it, rows that do not say when they came are let be." placeholder:"TIME"`
	Unsure    bool     `help:"Also rows that are the same person's and may be new: other content than when they were erased, or no date."`
	Rows      bool     `help:"List the rows by their keys, on the error stream, with what is done to each."`
	Ledger    string   `help:"The ledger that 'source erase --ledger' wrote, with --sources and without a portal (default: the portal's own ledger)." type:"existingfile"`
	LedgerKey string   `help:"File with that ledger's key (default: the ledger's name with .key)." placeholder:"FILE"`
	Locale    string   `help:"Language of messages." default:"en" enum:"nb,nn,en"`
}

// moment reads a time; without a zone it is this machine's.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--backup-of must be a day and a time, such as 2026-06-01T03:00: %w", errUsage)
}

// Run looks for rows that were erased and are there again, and erases them anew.
func (c *sourceReplayCommand) Run(t *terminal) error {
	at, err := moment(c.BackupOf)
	if err != nil {
		return err
	}
	want := engine.ReplayOptions{BackupOf: at, Unsure: c.Unsure}
	shown := newProgress(t.err)
	defer shown.end()
	if c.Ledger != "" {
		return c.ofFile(t, want, shown)
	}
	// What the configuration would take in at a start is no matter of this command.
	c.Sources, c.Register = "", ""
	portal, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer portal.store.Close()
	replay, err := portal.works.PrepareReplay(t.ctx, fulfilment.ReplayAsk{Sources: c.Only, ReplayOptions: want, Run: c.options(shown)})
	shown.end()
	if errors.Is(err, fulfilment.ErrNotConnected) {
		return misused{err}
	}
	if err != nil {
		return explain(err)
	}
	defer replay.Close()
	for _, name := range replay.Missing {
		fmt.Fprintf(t.err, "%s: the ledger has rows of this system, and it is not connected or is switched off: it is not looked at\n", name)
	}
	if err := c.carry(t, replay.Prepared, shown); err != nil || c.Plan {
		return err
	}
	return lookAgain(t, portal, replay.Prepared)
}

// lookAgain has the sources page say what is true now.
func lookAgain(t *terminal, portal *portal, p *engine.Prepared) error {
	sources, err := portal.office.Sources(t.ctx, governance.System())
	if err != nil {
		return err
	}
	for _, s := range sources {
		if s.Restored && slices.ContainsFunc(p.Report.Collections, func(c engine.CollectionReport) bool { return c.Source == s.Name }) {
			if _, err := portal.office.CheckSource(t.ctx, governance.System(), s.PublicID); err != nil {
				return err
			}
		}
	}
	return nil
}

// ofFile replays a ledger in a file on systems in a file.
func (c *sourceReplayCommand) ofFile(t *terminal, want engine.ReplayOptions, shown *progress) error {
	if c.Sources == "" {
		return fmt.Errorf("--ledger replays a file on the systems of --sources: name both, or none for the portal's own: %w", errUsage)
	}
	if len(c.Only) > 0 {
		return fmt.Errorf("--source is for the portal's own ledger: here --sources says which systems: %w", errUsage)
	}
	s, err := engine.LoadSources(t.ctx, c.Sources, os.LookupEnv, openSource)
	if err != nil {
		return printDatasetProblems(t, err, locale.Locale(c.Locale))
	}
	defer s.Close()
	files := ledgerFlags{Ledger: c.Ledger, LedgerKey: c.LedgerKey}
	ledger, err := files.read()
	if err != nil {
		return err
	}
	options := c.options(shown)
	if !c.Plan {
		l, file, err := files.begin()
		if err != nil {
			return err
		}
		defer file.Close()
		options.Ledger = l
	}
	p, err := engine.PrepareReplay(t.ctx, s, ledger, want, options)
	shown.end()
	if err != nil {
		return explain(err)
	}
	return c.carry(t, p, shown)
}

func (f ledgerFlags) read() (*engine.Ledger, error) {
	key, err := f.key(false)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(f.Ledger)
	if err != nil {
		return nil, fmt.Errorf("opening the ledger: %w", err)
	}
	defer file.Close()
	ledger, err := engine.ReadLedger(file, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Ledger, err)
	}
	return ledger, nil
}

// carry shows the plan, and carries it out when somebody has said yes to it.
func (c *sourceReplayCommand) carry(t *terminal, p *engine.Prepared, shown *progress) error {
	l := locale.Locale(c.Locale)
	if c.Rows {
		if err := listRows(t.ctx, t.err, p); err != nil {
			return err
		}
	}
	if c.Plan || c.Execute != "" {
		return c.finish(t, p, l, shown)
	}
	defer p.Close()
	incomplete := told(t, p.Report)
	inWords(t.err, p, l)
	if err := printProblems(t, p.Problems, l); err != nil {
		return err
	}
	if incomplete != nil {
		return incomplete
	}
	if p.Summary.Writes() > 0 && !c.Yes {
		if err := sayYes(t); err != nil {
			return err
		}
	}
	return carryOut(t, p, p.Summary.Digest, l, shown)
}

// sayYes asks whoever sits at a terminal; a program has to say it beforehand.
func sayYes(t *terminal) error {
	in := person(t.in)
	if in == nil {
		return fmt.Errorf("nothing was changed: look at the plan above, and say --yes, or --execute with the digest that --plan prints: %w", errUsage)
	}
	return wantYes(t, in)
}

type ledgerCommands struct {
	Export ledgerExportCommand `cmd:"" help:"Write the ledger into a file, to keep apart from the portal's backups: it knows of erasures that an older backup does not."`
	Import ledgerImportCommand `cmd:"" help:"Take in what an exported ledger has and this portal, restored from an older backup, has not."`
}

type ledgerExportCommand struct {
	config
	To   string `arg:"" help:"File to write; it must not exist." type:"path"`
	JSON bool   `help:"Machine-readable."`
}

// Run writes the ledger into a file. It holds keyed digests alone; the key file opens it, so to speak.
func (c *ledgerExportCommand) Run(t *terminal) error {
	if _, err := os.Lstat(c.To); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: an export overwrites nothing", c.To)
	}
	if err := c.exist(t); err != nil {
		return err
	}
	s, _, err := openStore(t.ctx, c.config)
	if err != nil {
		return err
	}
	defer s.Close()
	work, err := os.MkdirTemp(filepath.Dir(c.To), ".mininfo-ledger-*")
	if err != nil {
		return fmt.Errorf("preparing the export: %w", err)
	}
	defer os.RemoveAll(work)
	part := filepath.Join(work, "part")
	rows, err := exportLedger(t, s, part)
	if err != nil {
		return err
	}
	if err := settle(part, c.To); err != nil {
		return fmt.Errorf("putting the export in its place: %w", err)
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{"file": c.To, "rows": rows})
	}
	_, err = fmt.Fprintf(t.out, "%s: %d erasures of rows, as keyed digests. It is of use with the key file %s alone.\n", c.To, rows, c.KeyFile)
	return err
}

// exist completes the configuration and wants a portal there.
func (c *config) exist(t *terminal) error {
	if err := c.complete(); err != nil {
		return err
	}
	return c.exists(t.ctx)
}

func exportLedger(t *terminal, s *store.Store, to string) (rows int, err error) {
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("writing the ledger: %w", err)
	}
	defer file.Close()
	w, err := engine.NewLedgerWriter(file, s.LedgerKey(), now(), true)
	if err != nil {
		return 0, err
	}
	err = s.Read(t.ctx, func(tx *store.Tx) error {
		return w.Copy(func(fn func(engine.Erased) error) error {
			return tx.EachErased("", func(e engine.Erased) error {
				rows++
				return fn(e)
			})
		})
	})
	return rows, errors.Join(err, file.Sync(), file.Close())
}

type ledgerImportCommand struct {
	config
	From string `arg:"" help:"The exported ledger." type:"existingfile"`
	JSON bool   `help:"Machine-readable."`
}

// importAtOnce is how many rows of a ledger are written in one transaction.
const importAtOnce = 5000

// Run takes in what the portal's own ledger has not.
func (c *ledgerImportCommand) Run(t *terminal) error {
	if err := c.exist(t); err != nil {
		return err
	}
	s, _, err := openStore(t.ctx, c.config)
	if err != nil {
		return err
	}
	defer s.Close()
	file, err := os.Open(c.From)
	if err != nil {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	defer file.Close()
	read, fresh, err := importLedger(t, s, file)
	if errors.Is(err, engine.ErrLedgerKey) {
		return fmt.Errorf("%s: %w: it is of a portal with another key file", c.From, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.From, err)
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{"rows": read, "new": fresh})
	}
	_, err = fmt.Fprintf(t.out, "%d erasures of rows, of which %d were new to this portal.\nSee whether the systems hold any of it again: mininfo source replay-erasures --plan\n", read, fresh)
	return err
}

// importLedger reads all of a ledger before it keeps any of it.
func importLedger(t *terminal, s *store.Store, from io.ReadSeeker) (read int, fresh int64, err error) {
	if _, err := engine.EachErased(from, s.LedgerKey(), func(engine.Erased) error { return nil }); err != nil {
		return 0, 0, err
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return 0, 0, err
	}
	var list []engine.Erased
	keep := func() error {
		var added int64
		err := s.InTx(t.ctx, func(tx *store.Tx) (err error) {
			if added, err = tx.AddErased(list); err != nil {
				return err
			}
			_, err = tx.Log(store.Act{Actor: "system", Action: "ledger_imported", Statement: map[string]any{"rows": len(list), "new": added}})
			return err
		})
		read, fresh, list = read+len(list), fresh+added, list[:0]
		return err
	}
	_, err = engine.EachErased(from, s.LedgerKey(), func(e engine.Erased) error {
		if list = append(list, e); len(list) < importAtOnce {
			return nil
		}
		return keep()
	})
	if err == nil && len(list) > 0 {
		err = keep()
	}
	return read, fresh, err
}

// listRows names the rows of a plan by their keys, for whoever has to look at them in the system.
func listRows(ctx context.Context, w io.Writer, p *engine.Prepared) error {
	return p.Steps().Each(ctx, func(s *engine.Step) error {
		key := make([]string, len(s.Key))
		for i, k := range s.Key {
			key[i] = k.Column + "=" + k.Value.Text()
		}
		_, err := fmt.Fprintf(w, "%s.%s %s: %s\n", s.Source, s.Collection, strings.Join(key, " "), strings.TrimSpace(string(s.Action)+" "+s.Reason))
		return err
	})
}
