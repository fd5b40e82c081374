package audit

import (
	"fmt"
	"iter"
	"slices"
)

// Report says what VerifyLog verified.
type Report struct {
	Size        int64 // leaves
	Root        Hash  // of the whole log
	Checkpoints int   // that fit
}

// VerifyLog reads a whole log, in order, and holds it against signed checkpoints of any age, from
// wherever they come: the log's own table, a mailbox, people's receipts. Leaves after the newest
// checkpoint are only checked for their form. It needs no hashes and constant memory.
//
// The error says where the log stops to fit: ErrLeaf, ErrMismatch, ErrTruncated or ErrSignature.
func VerifyLog(leaves iter.Seq2[[]byte, error], verifierKey string, checkpoints [][]byte) (Report, error) {
	open := make([]Checkpoint, len(checkpoints))
	for i, signed := range checkpoints {
		c, err := OpenCheckpoint(signed, verifierKey)
		if err != nil {
			return Report{}, fmt.Errorf("checkpoint %d: %w", i+1, err)
		}
		open[i] = c
	}
	slices.SortStableFunc(open, func(a, b Checkpoint) int { return int(a.Size - b.Size) })
	var tree frontier
	fit := 0
	hold := func() error {
		for ; fit < len(open) && open[fit].Size == tree.size; fit++ {
			if open[fit].Root != tree.root() {
				return fmt.Errorf("%w: of %d leaves", ErrMismatch, tree.size)
			}
		}
		return nil
	}
	if err := hold(); err != nil {
		return Report{}, err
	}
	for leaf, err := range leaves {
		if err != nil {
			return Report{}, fmt.Errorf("reading leaf %d: %w", tree.size, err)
		}
		if _, err := ParseLeaf(leaf); err != nil {
			return Report{}, fmt.Errorf("leaf %d: %w", tree.size, err)
		}
		tree.add(LeafHash(leaf))
		if err := hold(); err != nil {
			return Report{}, err
		}
	}
	if fit < len(open) {
		return Report{}, fmt.Errorf("%w: %d leaves, and a checkpoint of %d", ErrTruncated, tree.size, open[fit].Size)
	}
	return Report{Size: tree.size, Root: tree.root(), Checkpoints: fit}, nil
}
