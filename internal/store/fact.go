package store

import (
	"errors"
	"fmt"
	"time"

	"mininfo/internal/keyring"
)

// Fact is something that a member told the portal about a case: what no system holds and the rules
// need, such as whether a contract still runs.
type Fact struct {
	ID       int64
	Activity string // empty: of the whole case
	Kind     string
	Value    string
	Reason   keyring.Private
	MemberID int64
	At       time.Time
	LeafHash []byte // the leaf of the log that commits to it
}

type factRow struct {
	ID           int64
	PublicID     *string // none: it was told before facts had one, and its reason is sealed for what it is about
	RequestID    int64
	Activity     string
	Kind         string
	Value        string
	SealedReason []byte
	MemberID     int64
	At           int64
	LeafHash     []byte
}

// place is the row that a fact's reason is sealed for.
func (r factRow) place() string {
	if r.PublicID == nil {
		return r.Kind + "/" + r.Activity
	}
	return *r.PublicID
}

func (factRow) TableName() string { return "fact" }

// AddFact keeps a fact; what was said before stays as history.
func (tx *Tx) AddFact(r *Request, f Fact) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	row := factRow{PublicID: &id, RequestID: r.ID, Activity: f.Activity, Kind: f.Kind, Value: f.Value, MemberID: f.MemberID, At: Micros(tx.Now), LeafHash: f.LeafHash}
	if row.SealedReason, err = tx.seal(r.PublicID, ClassCore, "fact", "sealed_reason", row.place(), []byte(f.Reason.Reveal())); err != nil {
		return err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a fact: %w", err)
	}
	return nil
}

// Facts gives what members told the portal about a case, oldest first.
func (tx *Tx) Facts(r *Request) ([]Fact, error) {
	var rows []factRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading facts: %w", err)
	}
	facts := make([]Fact, 0, len(rows))
	for _, row := range rows {
		reason, err := tx.open(r.PublicID, ClassCore, "fact", "sealed_reason", row.place(), row.SealedReason)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		facts = append(facts, Fact{ID: row.ID, Activity: row.Activity, Kind: row.Kind, Value: row.Value,
			Reason: keyring.NewPrivate(string(reason)), MemberID: row.MemberID, At: Instant(row.At), LeafHash: row.LeafHash})
	}
	return facts, nil
}
