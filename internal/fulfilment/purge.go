package fulfilment

import (
	"context"
	"errors"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/store"
)

const purgeAtOnce = 100

// forgetErased takes out of the ledger what no backup can hold any more. An older one that is restored
// all the same cannot be erased again: the office said that there is none.
func (w *Works) forgetErased(ctx context.Context) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, _, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		gone, err := tx.ForgetErased(tx.Now.AddDate(0, 0, -s.BackupDays))
		if err != nil || gone == 0 {
			return err
		}
		_, err = tx.Log(store.Act{Actor: "system", Action: "ledger_cleared", Statement: map[string]any{"rows": gone, "backup_days": s.BackupDays}})
		return err
	})
}

// purged is a class of what a case keeps beside its core: when its time is up, which files are its own, and
// what the log says when they go.
type purged struct {
	class, action string
	due           func(tx *store.Tx, k dsr.Keep, limit int) ([]string, error)
	mine          func(id, name string) bool
}

func ofCopy(id, name string) bool { return strings.HasPrefix(name, packagePrefix(id)) }

var purges = []purged{
	{class: store.ClassEvidence, action: "evidence_purged",
		due: func(tx *store.Tx, k dsr.Keep, limit int) ([]string, error) {
			return tx.EvidenceToPurge(tx.Now.AddDate(0, 0, -k.EvidenceDays), limit)
		},
		mine: func(id, name string) bool { return !ofCopy(id, name) }},
	{class: store.ClassPackage, action: "copy_purged",
		due: func(tx *store.Tx, k dsr.Keep, limit int) ([]string, error) {
			return tx.CopiesToPurge(tx.Now.AddDate(0, 0, -k.CopyDays), limit)
		},
		mine: ofCopy},
}

// PurgeEvidence erases the findings, files and packages of requests that were closed long enough
// ago, and clears the ledger of what is older than any backup. A request is found again until its
// keys are destroyed, so it may die anywhere and run as often as one likes.
func (w *Works) PurgeEvidence(ctx context.Context) error {
	var failed []error
	for _, p := range purges {
		failed = append(failed, w.purgeClass(ctx, p))
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	swept := w.Store.InTx(ctx, (*store.Tx).SweepEnquiries)
	return errors.Join(append(failed, w.forgetErased(ctx), swept, w.forgetInformed(ctx), w.Store.Truncate(ctx))...)
}

// forgetInformed erases how people were informed (Art. 14) when nobody can ask for it any more.
func (w *Works) forgetInformed(ctx context.Context) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		gone, err := tx.ForgetInformed(tx.Now.AddDate(-dsr.MostCaseYears, 0, 0))
		if err != nil {
			return err
		}
		return tx.NotePurge("informing", gone)
	})
}

func (w *Works) purgeClass(ctx context.Context, p purged) error {
	var failed []error
	gone := int64(0)
	tried := map[string]bool{}
	for {
		var old []string
		err := w.Store.Read(ctx, func(tx *store.Tx) error {
			k, err := keepOf(tx)
			if err != nil {
				return err
			}
			old, err = p.due(tx, k, purgeAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		// One that fails does not keep the others: it is logged, and the job reports it.
		rest := slices.DeleteFunc(slices.Clone(old), func(id string) bool { return tried[id] })
		for _, id := range rest {
			tried[id] = true
			if err := w.purge(ctx, p, id); err != nil {
				w.Logger.ErrorContext(ctx, "a case was left out", "what", p.action, "case", id, "code", job.Code(err))
				failed = append(failed, err)
			} else {
				gone++
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(old) < purgeAtOnce || len(rest) == 0 {
			noted := w.Store.InTx(ctx, func(tx *store.Tx) error { return tx.NotePurge(p.class, gone) })
			return errors.Join(append(failed, noted)...)
		}
	}
}

// purge clears away what lies in blob storage and then destroys the key, which is the deletion
// that counts, also for what a backup still holds.
func (w *Works) purge(ctx context.Context, p purged, id string) error {
	if err := w.forgetWhere(ctx, id+"/", func(name string) bool { return p.mine(id, name) }); err != nil {
		return err
	}
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := tx.Shred(id, p.class); err != nil {
			return err
		}
		if p.class == store.ClassPackage {
			if _, err := tx.PurgePackage(r.ID); err != nil {
				return err
			}
		}
		_, err = tx.Log(store.Act{Actor: "system", Action: p.action, Request: id, RequestID: r.ID})
		return err
	})
}

// forgetCase deletes what lies in blob storage for a case whose keys were destroyed all at once, as those
// of a rehearsal are: none of its classes is due any more.
func (w *Works) forgetCase(ctx context.Context, j job.Job) error {
	return w.forget(ctx, j.Object+"/")
}

// keepOf is for how long the office keeps what it has of a case.
func keepOf(tx *store.Tx) (dsr.Keep, error) {
	c, err := tx.Controller()
	if err != nil {
		return dsr.Keep{}, err
	}
	s, _, err := tx.Settings(c.ID)
	return s.Keep, err
}
