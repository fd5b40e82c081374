package governance

import (
	"context"
	"errors"
	"io"
	"iter"

	"mininfo/internal/audit"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Log is the log of the installation, to be taken out.
type Log struct {
	key         string
	checkpoints [][]byte
	store       *store.Store
}

// TakeLog has the log taken out, for an auditor who verifies it without the portal (audit.VerifyExport). That it
// was is an act of its own; its leaf comes after the checkpoint that the file ends with.
func (o *Office) TakeLog(ctx context.Context, by By) (*Log, error) {
	if err := by.may(staff.ExportAudit, staff.Facts{}); err != nil {
		return nil, err
	}
	out := &Log{store: o.Store}
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		out.key = tx.VerifierKey()
		return by.log(tx, "log_taken", nil)
	})
	if err != nil {
		return nil, err
	}
	out.checkpoints, err = o.Store.Checkpoints(ctx)
	return out, err
}

// Write writes the log, as much of it as has a checkpoint.
func (l *Log) Write(ctx context.Context, w io.Writer) error {
	return audit.Export(w, l.key, l.checkpoints, Leaves(ctx, l.store))
}

var errEnough = errors.New("enough")

// Leaves reads all placed leaves in order; the last may be an error.
func Leaves(ctx context.Context, s *store.Store) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		err := s.Leaves(ctx, func(leaf []byte) error {
			if !yield(leaf, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}
