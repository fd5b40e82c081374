package audit

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the tree, 32 bytes.
type Hash = tlog.Hash

// HashReader reads stored hashes by index.
type HashReader = tlog.HashReader

// HashReaderFunc makes a function a HashReader.
type HashReaderFunc = tlog.HashReaderFunc

// Errors of checking.
var (
	// ErrMismatch means that hashes do not fit: something was edited, deleted, inserted or reordered.
	ErrMismatch = errors.New("audit log does not fit its checkpoint")
	// ErrTruncated means that leaves are missing at the end.
	ErrTruncated = errors.New("audit log is shorter than its checkpoint")
)

// LeafHash gives a leaf's hash in the tree.
func LeafHash(leaf []byte) Hash { return tlog.RecordHash(leaf) }

// StoredHashCount gives the number of stored hashes of a log with size leaves; they have the indexes
// from 0 to that number less one.
func StoredHashCount(size int64) int64 { return tlog.StoredHashCount(size) }

// Extend appends leaves to a log of size leaves. It gives the hashes to store, at the indexes first,
// first+1 and so on, and the root of the tree with the new leaves. r reads what is stored so far.
func Extend(size int64, leaves [][]byte, r HashReader) (first int64, hashes []Hash, root Hash, err error) {
	first = tlog.StoredHashCount(size)
	both := HashReaderFunc(func(indexes []int64) ([]Hash, error) { return readBoth(indexes, first, hashes, r) })
	for i, leaf := range leaves {
		add, err := tlog.StoredHashes(size+int64(i), leaf, both)
		if err != nil {
			return 0, nil, Hash{}, fmt.Errorf("extending the audit log: %w", err)
		}
		hashes = append(hashes, add...)
	}
	root, err = tlog.TreeHash(size+int64(len(leaves)), both)
	if err != nil {
		return 0, nil, Hash{}, fmt.Errorf("extending the audit log: %w", err)
	}
	return first, hashes, root, nil
}

// readBoth reads hashes from first on from the new ones, and those before from r, in one call.
func readBoth(indexes []int64, first int64, fresh []Hash, r HashReader) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	var stored []int64
	var to []int
	for i, n := range indexes {
		if n >= first {
			if n-first >= int64(len(fresh)) {
				return nil, fmt.Errorf("hash %d is not there yet", n)
			}
			out[i] = fresh[n-first]
			continue
		}
		stored, to = append(stored, n), append(to, i)
	}
	if len(stored) == 0 {
		return out, nil
	}
	got, err := r.ReadHashes(stored)
	if err != nil {
		return nil, err
	}
	if len(got) != len(stored) {
		return nil, fmt.Errorf("asked for %d hashes, got %d", len(stored), len(got))
	}
	for i, h := range got {
		out[to[i]] = h
	}
	return out, nil
}

// TreeHash gives the root of the first size leaves.
func TreeHash(size int64, r HashReader) (Hash, error) {
	h, err := tlog.TreeHash(size, r)
	if err != nil {
		return Hash{}, fmt.Errorf("hashing the audit log: %w", err)
	}
	return h, nil
}

// ProveRecord proves that the tree of size leaves holds the leaf at index.
func ProveRecord(size, index int64, r HashReader) ([]Hash, error) {
	p, err := tlog.ProveRecord(size, index, r)
	if err != nil {
		return nil, fmt.Errorf("proving a leaf: %w", err)
	}
	return p, nil
}

// ProveTree proves that the tree of newSize leaves begins with the tree of oldSize leaves.
func ProveTree(newSize, oldSize int64, r HashReader) ([]Hash, error) {
	p, err := tlog.ProveTree(newSize, oldSize, r)
	if err != nil {
		return nil, fmt.Errorf("proving a tree: %w", err)
	}
	return p, nil
}

// CheckRecord checks a proof of ProveRecord. The error is ErrMismatch if it does not hold.
func CheckRecord(proof []Hash, size int64, root Hash, index int64, leaf []byte) error {
	if err := tlog.CheckRecord(proof, size, root, index, LeafHash(leaf)); err != nil {
		return fmt.Errorf("%w: %w", ErrMismatch, err)
	}
	return nil
}

// CheckTree checks a proof of ProveTree. The error is ErrMismatch if it does not hold.
func CheckTree(proof []Hash, newSize int64, newRoot Hash, oldSize int64, oldRoot Hash) error {
	if err := tlog.CheckTree(proof, newSize, newRoot, oldSize, oldRoot); err != nil {
		return fmt.Errorf("%w: %w", ErrMismatch, err)
	}
	return nil
}

// frontier is the right edge of a tree: the roots of its perfect subtrees, largest first. It follows a
// log of any length in constant memory.
type frontier struct {
	size  int64
	roots []Hash
}

func (f *frontier) add(leaf Hash) {
	f.roots = append(f.roots, leaf)
	// Each trailing one bit of the old size is a perfect subtree that the new leaf completes.
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.roots) - 1
		f.roots[last-1] = tlog.NodeHash(f.roots[last-1], f.roots[last])
		f.roots = f.roots[:last]
	}
	f.size++
}

func (f *frontier) root() Hash {
	if len(f.roots) == 0 {
		h, _ := tlog.TreeHash(0, nil) // of the empty tree; reads nothing
		return h
	}
	h := f.roots[len(f.roots)-1]
	for i := len(f.roots) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.roots[i], h)
	}
	return h
}
