package fulfilment

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"mininfo/internal/engine"
	"mininfo/internal/job"
	"mininfo/internal/store"
)

// ReplayAsk says which systems may have been restored from an old backup.
type ReplayAsk struct {
	Sources []string // by name; none: every one that the ledger has rows of
	engine.ReplayOptions
	Run engine.RunOptions // how it is planned and carried out
}

// Replay is a plan to erase anew what the ledger says was erased and is there again. Close it.
type Replay struct {
	*engine.Prepared
	// Missing are systems that the ledger has rows of and that are not connected.
	Missing []string
	conns   *Connections
}

// Close ends the connections.
func (r *Replay) Close() {
	r.Prepared.Close()
	r.conns.close()
}

// ErrNotConnected: no connected system has this name.
var ErrNotConnected = errors.New("no connected system has this name")

// PrepareReplay looks for rows of the ledger that are there again and makes a plan of it. Whoever
// carries it out is noted in the log, system by system: a run may die anywhere, and the next one
// goes on with what is left.
func (w *Works) PrepareReplay(ctx context.Context, ask ReplayAsk) (*Replay, error) {
	conns, err := w.Open(ctx, job.Job{})
	if err != nil {
		return nil, fmt.Errorf("connecting the sources: %w", err)
	}
	r := &Replay{conns: conns}
	if r.Prepared, err = w.prepareReplay(ctx, r, ask); err != nil {
		conns.close()
		return nil, err
	}
	return r, nil
}

func (w *Works) prepareReplay(ctx context.Context, r *Replay, ask ReplayAsk) (*engine.Prepared, error) {
	connected := func(name string) bool {
		return slices.ContainsFunc(r.conns.Sources, func(c engine.Connected) bool { return c.Source.Name() == name })
	}
	for _, name := range ask.Sources {
		if !connected(name) {
			return nil, fmt.Errorf("%q: %w", name, ErrNotConnected)
		}
	}
	var ledger *engine.Ledger
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		held, err := tx.ErasedSources()
		if err != nil {
			return err
		}
		r.Missing = nil
		var names []string
		for _, h := range held {
			switch {
			case len(ask.Sources) > 0 && !slices.Contains(ask.Sources, h.Source):
			case connected(h.Source):
				names = append(names, h.Source)
			default:
				r.Missing = append(r.Missing, h.Source)
			}
		}
		ledger, err = tx.Ledger(names...)
		return err
	})
	if err != nil {
		return nil, err
	}
	var list []engine.Connected
	for _, c := range r.conns.Sources {
		if ledger.Names(c.Source.Name()) {
			list = append(list, c)
		}
	}
	ask.Run.Ledger = &diary{w: w, begun: map[string]store.Replay{}}
	if ask.Run.TempDir == "" {
		ask.Run.TempDir = w.TempDir
	}
	salt := hex.EncodeToString(w.Ring.Derive("replay-digest"))
	return engine.PrepareReplay(ctx, engine.NewSources(list, salt), ledger, ask.ReplayOptions, ask.Run)
}

// diary keeps the ledger and the log while a replay is carried out. What a process began and did not
// end is ended by the next one, which knows how much of it is left.
type diary struct {
	w     *Works
	begun map[string]store.Replay
}

// Key is the ledger's key.
func (d *diary) Key() []byte { return d.w.Store.LedgerKey() }

// Begin notes the rows once more: a later backup may hold them again. To note what is then not done
// does no harm.
func (d *diary) Begin(ctx context.Context, digest, src string, plan engine.Steps) (int, error) {
	var rows []engine.Erased
	err := engine.ErasedBy(ctx, d.Key(), src, plan, func(e engine.Erased) error {
		rows = append(rows, e)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(rows), d.w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := settleReplays(tx, src, len(rows)); err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			rows[i].At = tx.Now
		}
		if _, err := tx.AddErased(rows); err != nil {
			return err
		}
		one, err := tx.BeginReplay(src, digest, len(rows))
		if err != nil {
			return err
		}
		d.begun[src] = one
		return logReplay(tx, "replay_begun", one, nil)
	})
}

// settleReplays ends what an earlier process began in a system. Its transaction was committed as a
// whole or not at all: where nothing is left to do, it was.
func settleReplays(tx *store.Tx, src string, left int) error {
	open, err := tx.OpenReplays(src)
	if err != nil {
		return err
	}
	for _, r := range open {
		if _, err := tx.EndReplay(r); err != nil {
			return err
		}
		if err := logReplay(tx, "replay_cut_off", r, map[string]any{"left": left}); err != nil {
			return err
		}
		if err := markAgain(tx, r); err != nil {
			return err
		}
	}
	return nil
}

func logReplay(tx *store.Tx, action string, r store.Replay, more map[string]any) error {
	said := map[string]any{"source": r.Source, "digest": r.Digest, "rows": r.Rows}
	for k, v := range more {
		said[k] = v
	}
	_, err := tx.Log(store.Act{Actor: "system", Action: action, Statement: said})
	return err
}

// Undone notes that a system was left as it was.
func (d *diary) Undone(ctx context.Context, _, src string) error {
	return d.write(ctx, src, "replay_undone", nil)
}

// Done notes what was erased again. The backup may lack the marks of restricted rows as well, so those
// are set once more.
func (d *diary) Done(ctx context.Context, _ string, result engine.SourceResult) error {
	return d.write(ctx, result.Source, "source_replayed", map[string]any{"deleted": result.Deleted, "changed": result.Changed}, markAgain)
}

func markAgain(tx *store.Tx, one store.Replay) error {
	cases, err := tx.MarkAgain(one.Source)
	if err != nil {
		return err
	}
	for _, id := range cases {
		if err := tx.Enqueue(job.Spec{Kind: JobMark, Key: fmt.Sprintf("%s/%s/replay/%d", JobMark, id, one.ID), Object: id}); err != nil {
			return err
		}
	}
	return nil
}

func (d *diary) write(ctx context.Context, src, action string, more map[string]any, also ...func(*store.Tx, store.Replay) error) error {
	// What a system has committed is written down, whoever lost patience meanwhile.
	return d.w.Store.InTx(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		for _, fn := range also {
			if err := fn(tx, d.begun[src]); err != nil {
				return err
			}
		}
		// Also if another process took this one for dead meanwhile: what was done is in the log.
		if _, err := tx.EndReplay(d.begun[src]); err != nil {
			return err
		}
		return logReplay(tx, action, d.begun[src], more)
	})
}
