package store

import (
	"errors"
	"fmt"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// Redaction is what a member takes out of one text before the person gets it (Art. 15(4)). Body is JSON of
// package fulfilment: which finding, which value, which passages. It is empty once the findings are purged.
type Redaction struct {
	ID                                        int64
	PublicID                                  string
	RunID                                     int64  // of the search whose value was seen
	Replaces                                  string // public id of the one before of the same text, or ""
	Source, Collection, Activity, Part, Field string
	Passages                                  int64 // how many; none: the one before is taken back
	Covers                                    bool  // nothing of other known persons that was found is left
	Ground                                    string
	Body, Reason                              keyring.Private
	MemberID                                  int64
	At                                        time.Time
	LeafHash                                  []byte // the leaf of the log that commits to it
}

type redactionRow struct {
	ID           int64
	PublicID     string
	RequestID    int64
	RunID        int64
	Replaces     *string
	Source       string
	Collection   string
	Activity     string
	Part         string
	Field        string
	Passages     int64
	Covers       bool
	Ground       string
	SealedBody   []byte
	SealedReason []byte
	MemberID     int64
	At           int64
	LeafHash     []byte
}

func (redactionRow) TableName() string { return "redaction" }

// ErrRedactedMeanwhile says that somebody else has marked in the same text.
var ErrRedactedMeanwhile = fault.Define(fault.Conflict, "redacted_meanwhile",
	"Noen andre har sladdet i den samme teksten mens du så på den. Åpne teksten på nytt og se hva som er sladdet nå.",
	"Nokon andre har sladda i den same teksten medan du såg på han. Opne teksten på nytt og sjå kva som er sladda no.",
	"Somebody else has redacted the same text while you looked at it. Open the text again and see what is redacted now.")

// AddRedaction keeps a redaction. Those before of the same text stay as history; one can be replaced once.
func (tx *Tx) AddRedaction(r *Request, d Redaction) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	row := redactionRow{PublicID: id, RequestID: r.ID, RunID: d.RunID, Source: d.Source, Collection: d.Collection, Activity: d.Activity, Part: d.Part,
		Field: d.Field, Passages: d.Passages, Covers: d.Covers, Ground: d.Ground, MemberID: d.MemberID, At: Micros(tx.Now), LeafHash: d.LeafHash}
	if d.Replaces != "" {
		row.Replaces = &d.Replaces
	}
	if row.SealedBody, err = tx.seal(r.PublicID, ClassEvidence, "redaction", "sealed_body", id, []byte(d.Body.Reveal())); err != nil {
		return err
	}
	if row.SealedReason, err = tx.seal(r.PublicID, ClassCore, "redaction", "sealed_reason", id, []byte(d.Reason.Reveal())); err != nil {
		return err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a redaction: %w", err)
	}
	return nil
}

// Redactions gives what was redacted for a request, oldest first.
func (tx *Tx) Redactions(r *Request) ([]Redaction, error) {
	var rows []redactionRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading redactions: %w", err)
	}
	list := make([]Redaction, 0, len(rows))
	for _, row := range rows {
		body, err := tx.open(r.PublicID, ClassEvidence, "redaction", "sealed_body", row.PublicID, row.SealedBody)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		reason, err := tx.open(r.PublicID, ClassCore, "redaction", "sealed_reason", row.PublicID, row.SealedReason)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		it := Redaction{ID: row.ID, PublicID: row.PublicID, RunID: row.RunID, Source: row.Source, Collection: row.Collection, Activity: row.Activity,
			Part: row.Part, Field: row.Field, Passages: row.Passages, Covers: row.Covers, Ground: row.Ground, Body: keyring.NewPrivate(string(body)),
			Reason: keyring.NewPrivate(string(reason)), MemberID: row.MemberID, At: Instant(row.At), LeafHash: row.LeafHash}
		if row.Replaces != nil {
			it.Replaces = *row.Replaces
		}
		list = append(list, it)
	}
	return list, nil
}
