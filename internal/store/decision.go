package store

import (
	"errors"
	"fmt"
	"time"

	"mininfo/internal/keyring"
)

// Decision is what a member decided for a group of findings.
type Decision struct {
	ID       int64
	GroupKey string
	Action   string
	Ground   string
	Reason   keyring.Private
	MemberID int64
	At       time.Time
}

type decisionRow struct {
	ID           int64
	RequestID    int64
	RunID        int64
	GroupKey     string
	Action       string
	Ground       string
	SealedReason []byte
	MemberID     int64
	At           int64
}

func (decisionRow) TableName() string { return "decision" }

// AddDecision keeps a decision; earlier ones of the same group stay as history.
func (tx *Tx) AddDecision(r *Request, run *Run, d Decision) error {
	sealed, err := tx.seal(r.PublicID, ClassCore, "decision", "sealed_reason", d.GroupKey, []byte(d.Reason.Reveal()))
	if err != nil {
		return err
	}
	row := decisionRow{RequestID: r.ID, RunID: run.ID, GroupKey: d.GroupKey, Action: d.Action, Ground: d.Ground,
		SealedReason: sealed, MemberID: d.MemberID, At: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a decision: %w", err)
	}
	return nil
}

// Decisions gives the newest decision of each group of a request, by the group's key.
func (tx *Tx) Decisions(r *Request) (map[string]Decision, error) {
	var rows []decisionRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	decisions := make(map[string]Decision, len(rows))
	for _, row := range rows {
		reason, err := tx.open(r.PublicID, ClassCore, "decision", "sealed_reason", row.GroupKey, row.SealedReason)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		decisions[row.GroupKey] = Decision{ID: row.ID, GroupKey: row.GroupKey, Action: row.Action, Ground: row.Ground,
			Reason: keyring.NewPrivate(string(reason)), MemberID: row.MemberID, At: Instant(row.At)}
	}
	return decisions, nil
}
