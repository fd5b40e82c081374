package fulfilment

import (
	"context"
	"errors"
	"slices"

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

// PurgeEvidence erases the findings, files and packages of requests that were closed long enough
// ago, and clears the ledger of what is older than any backup. A request is found again until its
// keys are destroyed, so it may die anywhere and run as often as one likes.
func (w *Works) PurgeEvidence(ctx context.Context) error {
	var failed []error
	gone := int64(0)
	tried := map[string]bool{}
	for {
		var old []string
		err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
			old, err = tx.EvidenceToPurge(tx.Now.Add(-KeepEvidence), purgeAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		// One that fails does not keep the others: it is logged, and the job reports it.
		rest := slices.DeleteFunc(slices.Clone(old), func(id string) bool { return tried[id] })
		for _, id := range rest {
			tried[id] = true
			if err := w.purge(ctx, id); err != nil {
				w.Logger.ErrorContext(ctx, "a case was left out", "what", "evidence_purge", "case", id, "code", job.Code(err))
				failed = append(failed, err)
			} else {
				gone++
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(old) < purgeAtOnce || len(rest) == 0 {
			swept := w.Store.InTx(ctx, func(tx *store.Tx) error { return errors.Join(tx.SweepEnquiries(), tx.NotePurge("evidence", gone)) })
			return errors.Join(append(failed, w.forgetErased(ctx), swept, w.Store.Truncate(ctx))...)
		}
	}
}

// purge clears away what lies in blob storage and then destroys the keys, which is the deletion
// that counts, also for what a backup still holds.
func (w *Works) purge(ctx context.Context, id string) error {
	if err := w.forget(ctx, id+"/"); err != nil {
		return err
	}
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		for _, class := range []string{store.ClassEvidence, store.ClassPackage} {
			if err := tx.Shred(id, class); err != nil {
				return err
			}
		}
		if err := tx.PurgePackage(r.ID); err != nil {
			return err
		}
		_, err = tx.Log(store.Act{Actor: "system", Action: "evidence_purged", Request: id, RequestID: r.ID})
		return err
	})
}
