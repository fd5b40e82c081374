package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"mininfo/internal/audit"
	"mininfo/internal/fault"
	"mininfo/migrations"
)

// Act is what is written in the log. Statement is what the leaf commits to: it is sealed under
// the request's core key and dies with it, while the leaf stays and the tree still verifies.
type Act struct {
	Actor     string // "person", "system", "colleague", or "member." and the member's inside id
	Role      string // empty: the actor's own word
	Action    string
	Request   string // public id of the request, or empty
	RequestID int64
	Statement any // JSON; may hold personal data
}

type leafRow struct {
	ID              int64
	Place           *int64
	Leaf            []byte
	LeafHash        []byte
	RequestID       *int64
	SealedStatement []byte
	PublicID        string
}

func (leafRow) TableName() string { return "audit_leaf" }

type statement struct {
	Salt []byte          `json:"salt"`
	Body json.RawMessage `json:"body"`
}

// Log writes a leaf in the transaction of the act itself and gives its hash.
func (tx *Tx) Log(a Act) ([]byte, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	row := leafRow{PublicID: id}
	if a.Role == "" {
		a.Role, _, _ = strings.Cut(a.Actor, ".")
	}
	leaf := audit.Leaf{At: Micros(tx.Now), Actor: a.Actor, Role: a.Role, Action: a.Action, Request: a.Request}
	if a.Statement != nil {
		if leaf.Detail, row.SealedStatement, err = tx.commitTo(a, id); err != nil {
			return nil, err
		}
	}
	if row.Leaf, err = leaf.Bytes(); err != nil {
		return nil, fmt.Errorf("writing the log: %w", err)
	}
	hash := audit.LeafHash(row.Leaf)
	row.LeafHash = hash[:]
	if a.RequestID != 0 {
		row.RequestID = &a.RequestID
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return nil, fmt.Errorf("writing the log: %w", err)
	}
	return row.LeafHash, nil
}

func (tx *Tx) commitTo(a Act, leafID string) (detail string, sealed []byte, err error) {
	body, err := json.Marshal(a.Statement)
	if err != nil {
		return "", nil, fmt.Errorf("writing the log's statement: %w", err)
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(tx.s.opt.Rand, salt); err != nil {
		return "", nil, fmt.Errorf("drawing salt: %w", err)
	}
	plain, err := json.Marshal(statement{Salt: salt, Body: body})
	if err != nil {
		return "", nil, err
	}
	owner, class := a.Request, ClassCore
	if owner == "" {
		owner, class = "office", ClassStaff
	}
	sealed, err = tx.seal(owner, class, "audit_leaf", "sealed_statement", leafID, plain)
	return audit.Commit(salt, body), sealed, err
}

// reader reads the tree's nodes.
func (tx *Tx) reader() audit.HashReader {
	return audit.HashReaderFunc(func(places []int64) ([]audit.Hash, error) {
		var rows []struct {
			Place int64
			Hash  []byte
		}
		if err := tx.db.Table("audit_node").Where("place IN ?", places).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("reading the tree: %w", err)
		}
		at := make(map[int64][]byte, len(rows))
		for _, r := range rows {
			at[r.Place] = r.Hash
		}
		hashes := make([]audit.Hash, len(places))
		for i, p := range places {
			if len(at[p]) != len(hashes[i]) {
				return nil, errors.New("the tree lacks a node")
			}
			copy(hashes[i][:], at[p])
		}
		return hashes, nil
	})
}

const sequenceAtOnce = 2000

// Sequence gives leaves that were committed their place in the tree and signs a checkpoint.
// Whoever holds the database's lock does it; others find nothing left to do. It returns how many.
func (s *Store) Sequence(ctx context.Context) (int, error) {
	waiting, err := s.waitingLeaves(ctx)
	if err != nil || !waiting {
		return 0, err
	}
	placed := 0
	err = s.InTx(ctx, func(tx *Tx) error {
		if s.dialect == migrations.Postgres {
			if err := tx.db.Exec("SELECT pg_advisory_xact_lock(7101)").Error; err != nil {
				return fmt.Errorf("locking the log: %w", err)
			}
		}
		var rows []leafRow
		if err := tx.db.Where("place IS NULL").Order("id").Limit(sequenceAtOnce).Find(&rows).Error; err != nil {
			return fmt.Errorf("reading new leaves: %w", err)
		}
		placed = len(rows)
		if placed == 0 {
			return nil
		}
		return tx.extend(rows)
	})
	return placed, err
}

// waitingLeaves spares the log's lock when there is nothing to do, which is nearly always.
func (s *Store) waitingLeaves(ctx context.Context) (bool, error) {
	var ids []int64
	if err := s.db.WithContext(ctx).Raw("SELECT id FROM audit_leaf WHERE place IS NULL LIMIT 1").Scan(&ids).Error; err != nil {
		return false, fmt.Errorf("looking for new leaves: %w", safe(err))
	}
	return len(ids) > 0, nil
}

func (tx *Tx) extend(rows []leafRow) error {
	size, err := tx.LogSize()
	if err != nil {
		return err
	}
	leaves := make([][]byte, len(rows))
	for i, r := range rows {
		leaves[i] = r.Leaf
	}
	first, hashes, root, err := audit.Extend(size, leaves, tx.reader())
	if err != nil {
		return fmt.Errorf("extending the tree: %w", err)
	}
	nodes := make([]map[string]any, len(hashes))
	for i, h := range hashes {
		nodes[i] = map[string]any{"place": first + int64(i), "hash": h[:]}
	}
	if err := tx.db.Table("audit_node").CreateInBatches(nodes, 500).Error; err != nil {
		return fmt.Errorf("keeping the tree: %w", err)
	}
	for i, r := range rows {
		if err := tx.db.Exec("UPDATE audit_leaf SET place = ? WHERE id = ?", size+int64(i), r.ID).Error; err != nil {
			return fmt.Errorf("placing a leaf: %w", err)
		}
	}
	size += int64(len(rows))
	note, err := tx.s.opt.Signer.Sign(audit.Checkpoint{Size: size, Root: root})
	if err != nil {
		return fmt.Errorf("signing the checkpoint: %w", err)
	}
	row := map[string]any{"size": size, "root": root[:], "note": note, "created_at": Micros(tx.Now)}
	if err := tx.db.Table("audit_checkpoint").Create(row).Error; err != nil {
		return fmt.Errorf("keeping the checkpoint: %w", err)
	}
	return nil
}

// LogSize is the number of leaves that have a place.
func (tx *Tx) LogSize() (int64, error) {
	var size int64
	err := tx.db.Raw("SELECT coalesce(max(size), 0) FROM audit_checkpoint").Scan(&size).Error
	if err != nil {
		return 0, fmt.Errorf("reading the log's size: %w", err)
	}
	return size, nil
}

// Checkpoint gives the newest signed checkpoint, or nil of an empty log.
func (tx *Tx) Checkpoint() ([]byte, error) {
	var notes [][]byte
	err := tx.db.Raw("SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT 1").Scan(&notes).Error
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint: %w", err)
	}
	if len(notes) == 0 {
		return nil, nil
	}
	return notes[0], nil
}

// ErrNotYetSequenced says that a receipt will be there in a moment.
var ErrNotYetSequenced = fault.Define(fault.Unavailable, "receipt_not_yet",
	"Beviset lages akkurat nå. Prøv igjen om noen sekunder.",
	"Beviset blir laga akkurat no. Prøv igjen om nokre sekund.",
	"The proof is being made right now. Try again in a few seconds.")

// Receipt proves the first leaf of an action on a request against the newest checkpoint.
func (tx *Tx) Receipt(requestID int64, requestPublicID, action string) ([]byte, error) {
	var rows []leafRow
	err := tx.db.Where("request_id = ?", requestID).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	for _, r := range rows {
		leaf, err := audit.ParseLeaf(r.Leaf)
		if err != nil {
			return nil, fmt.Errorf("reading a leaf: %w", err)
		}
		if leaf.Action == action {
			return tx.receipt(r, requestPublicID, true)
		}
	}
	return nil, fault.Define(fault.NotFound, "receipt_missing", "Det finnes ikke noe bevis for dette.", "Det finst ikkje noko bevis for dette.", "There is no proof of this.")
}

// Proof is a leaf of a request with its receipt.
type Proof struct {
	Leaf    audit.Leaf
	Hash    []byte
	Receipt []byte
}

// Proofs proves every leaf of a request, oldest first. A receipt without statements holds no personal
// data. ErrNotYetSequenced says that some leaf has no place yet.
func (tx *Tx) Proofs(r *Request, statements bool) ([]Proof, error) {
	var rows []leafRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	proofs := make([]Proof, len(rows))
	for i, row := range rows {
		leaf, err := audit.ParseLeaf(row.Leaf)
		if err != nil {
			return nil, fmt.Errorf("reading a leaf: %w", err)
		}
		receipt, err := tx.receipt(row, r.PublicID, statements)
		if err != nil {
			return nil, err
		}
		proofs[i] = Proof{Leaf: leaf, Hash: row.LeafHash, Receipt: receipt}
	}
	return proofs, nil
}

// VerifierKey is what receipts and checkpoints of this log are verified with.
func (tx *Tx) VerifierKey() string { return tx.s.opt.Signer.VerifierKey() }

func (tx *Tx) receipt(r leafRow, owner string, statements bool) ([]byte, error) {
	size, err := tx.LogSize()
	if err != nil {
		return nil, err
	}
	if r.Place == nil || *r.Place >= size {
		return nil, ErrNotYetSequenced
	}
	proof, err := audit.ProveRecord(size, *r.Place, tx.reader())
	if err != nil {
		return nil, fmt.Errorf("proving a leaf: %w", err)
	}
	note, err := tx.Checkpoint()
	if err != nil {
		return nil, err
	}
	receipt := audit.Receipt{Leaf: r.Leaf, Index: *r.Place, Proof: proof, Checkpoint: note}
	if !statements {
		return receipt.Marshal()
	}
	plain, err := tx.open(owner, ClassCore, "audit_leaf", "sealed_statement", r.PublicID, r.SealedStatement)
	if err != nil && !errors.Is(err, ErrShredded) {
		return nil, err
	}
	if plain != nil {
		var st statement
		if err := json.Unmarshal(plain, &st); err != nil {
			return nil, fmt.Errorf("reading a statement: %w", err)
		}
		receipt.Salt, receipt.Statement = st.Salt, st.Body
	}
	return receipt.Marshal()
}

// LogEntry is a leaf as staff reads it.
type LogEntry struct {
	Place int64 // -1 until it has one
	Leaf  audit.Leaf
	Hash  []byte
}

// LogPage reads the log backwards from before a place (0 = from the end).
func (tx *Tx) LogPage(before int64, limit int) ([]LogEntry, error) {
	q := tx.db.Where("place IS NOT NULL")
	if before > 0 {
		q = q.Where("place < ?", before)
	}
	var rows []leafRow
	if err := q.Order("place DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	entries := make([]LogEntry, 0, len(rows))
	for _, r := range rows {
		leaf, err := audit.ParseLeaf(r.Leaf)
		if err != nil {
			return nil, fmt.Errorf("reading a leaf: %w", err)
		}
		entries = append(entries, LogEntry{Place: *r.Place, Leaf: leaf, Hash: r.LeafHash})
	}
	return entries, nil
}

// Leaves reads all placed leaves in order, for verification.
func (s *Store) Leaves(ctx context.Context, yield func(leaf []byte) error) error {
	last := int64(-1)
	for {
		var rows []leafRow
		err := s.db.WithContext(ctx).Where("place > ?", last).Order("place").Limit(1000).Find(&rows).Error
		if err != nil {
			return fmt.Errorf("reading the log: %w", err)
		}
		for _, r := range rows {
			if *r.Place != last+1 {
				return audit.ErrTruncated
			}
			last = *r.Place
			if err := yield(r.Leaf); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return nil
		}
	}
}

// Checkpoints reads all signed checkpoints, oldest first.
func (s *Store) Checkpoints(ctx context.Context) ([][]byte, error) {
	var notes [][]byte
	err := s.db.WithContext(ctx).Raw("SELECT note FROM audit_checkpoint ORDER BY size").Scan(&notes).Error
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoints: %w", err)
	}
	return notes, nil
}
