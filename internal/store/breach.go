package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
)

// Breach is a personal data breach in the office's record (Art. 33(5)).
type Breach struct {
	dsr.Breach
	ID        int64
	PublicID  string
	What      string // what happened; with the reasons it is sealed
	Case      string // public id of the case that it came of; may be empty
	Reference string // of that case
	OpenedAt  time.Time
	ClosedAt  *time.Time
	Changes   int64 // how often it was changed
}

type breachRow struct {
	ID           int64
	PublicID     string
	ControllerID int64
	RequestID    *int64
	NoticedAt    int64
	Concerned    int64
	Risk         string
	SealedBody   []byte
	AuthorityAt  *int64
	PersonsAt    *int64
	OpenedAt     int64
	OpenedBy     int64
	ClosedAt     *int64
	WarnedAt     *int64
	Changes      int64
}

func (breachRow) TableName() string { return "breach" }

// breachBody is what of a breach is sealed.
type breachBody struct {
	What         string `json:"what"`
	Reason       string `json:"reason,omitempty"`
	AuthorityWhy string `json:"authority_why,omitempty"`
	PersonsWhy   string `json:"persons_why,omitempty"`
}

// ErrNoBreach says that there is no such breach.
var ErrNoBreach = fault.Define(fault.NotFound, "no_breach",
	"Dette avviket finnes ikke.", "Dette avviket finst ikkje.", "This breach does not exist.")

func (tx *Tx) sealBreach(id string, b Breach) ([]byte, error) {
	plain, err := json.Marshal(breachBody{What: b.What, Reason: b.Reason, AuthorityWhy: b.AuthorityWhy, PersonsWhy: b.PersonsWhy})
	if err != nil {
		return nil, errors.New("writing a breach")
	}
	return tx.seal(id, ClassCore, "breach", "sealed_body", id, plain)
}

// AddBreach writes a breach down; r is the case that it came of, or nil.
func (tx *Tx) AddBreach(controller, member int64, r *Request, b Breach) (string, error) {
	id, err := tx.NewID()
	if err != nil {
		return "", err
	}
	sealed, err := tx.sealBreach(id, b)
	if err != nil {
		return "", err
	}
	row := breachRow{PublicID: id, ControllerID: controller, NoticedAt: Micros(b.NoticedAt), Concerned: int64(b.Concerned), SealedBody: sealed,
		OpenedAt: Micros(tx.Now), OpenedBy: member}
	if r != nil {
		row.RequestID = &r.ID
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return "", fmt.Errorf("writing a breach: %w", err)
	}
	return id, nil
}

// Breaches lists the controller's breaches, the newest first.
func (tx *Tx) Breaches(controller int64) ([]Breach, error) {
	return tx.breachesWhere("controller_id = ?", controller)
}

// Breach gives one breach.
func (tx *Tx) Breach(id string) (Breach, error) {
	list, err := tx.breachesWhere("public_id = ?", id)
	if err == nil && len(list) == 0 {
		err = ErrNoBreach
	}
	if err != nil {
		return Breach{}, err
	}
	return list[0], nil
}

func (tx *Tx) breachesWhere(where string, args ...any) ([]Breach, error) {
	var rows []breachRow
	if err := tx.db.Where(where, args...).Order("noticed_at DESC, id DESC").Limit(1000).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading breaches: %w", err)
	}
	list := make([]Breach, 0, len(rows))
	for _, row := range rows {
		b, err := tx.breach(row)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

func (tx *Tx) breach(row breachRow) (Breach, error) {
	plain, err := tx.open(row.PublicID, ClassCore, "breach", "sealed_body", row.PublicID, row.SealedBody)
	if err != nil {
		return Breach{}, err
	}
	var body breachBody
	if err := json.Unmarshal(plain, &body); err != nil {
		return Breach{}, errors.New("reading a breach")
	}
	b := Breach{ID: row.ID, PublicID: row.PublicID, What: body.What, OpenedAt: Instant(row.OpenedAt), ClosedAt: instantOrNil(row.ClosedAt), Changes: row.Changes,
		Breach: dsr.Breach{NoticedAt: Instant(row.NoticedAt), Concerned: int(row.Concerned), Risk: dsr.BreachRisk(row.Risk), Reason: body.Reason,
			AuthorityAt: instantOrNil(row.AuthorityAt), AuthorityWhy: body.AuthorityWhy, PersonsAt: instantOrNil(row.PersonsAt), PersonsWhy: body.PersonsWhy}}
	if row.RequestID == nil {
		return b, nil
	}
	var of struct{ PublicID, Reference string }
	if err := tx.db.Raw("SELECT public_id, reference FROM request WHERE id = ?", *row.RequestID).Scan(&of).Error; err != nil {
		return Breach{}, fmt.Errorf("reading a breach's case: %w", err)
	}
	b.Case, b.Reference = of.PublicID, of.Reference
	return b, nil
}

// ChangeBreach writes an open breach anew as it was assessed; base is how often it had been changed when it
// was read. ErrVersion: somebody else has changed or closed it meanwhile.
func (tx *Tx) ChangeBreach(b Breach, base int64, closed bool) error {
	sealed, err := tx.sealBreach(b.PublicID, b)
	if err != nil {
		return err
	}
	set := map[string]any{"concerned": b.Concerned, "risk": string(b.Risk), "sealed_body": sealed,
		"authority_at": microsOrNil(b.AuthorityAt), "persons_at": microsOrNil(b.PersonsAt), "changes": base + 1}
	if closed {
		set["closed_at"] = Micros(tx.Now)
	}
	ok, err := changed(tx.db.Model(&breachRow{}).Where("id = ? AND changes = ? AND closed_at IS NULL", b.ID, base).Updates(set))
	if err != nil {
		return fmt.Errorf("changing a breach: %w", err)
	}
	if !ok {
		return ErrVersion
	}
	return nil
}

// BreachesToWarnOf gives the open breaches that were noticed before an instant, of which Datatilsynet is
// neither told nor ruled out and nobody was warned.
func (tx *Tx) BreachesToWarnOf(noticed time.Time) ([]Breach, error) {
	return tx.breachesWhere("noticed_at <= ? AND closed_at IS NULL AND warned_at IS NULL AND authority_at IS NULL AND risk <> ?",
		Micros(noticed), string(dsr.RiskUnlikely))
}

// WarnOfBreach notes that the office is warned; false: it was before, or it is no longer needed.
func (tx *Tx) WarnOfBreach(b Breach) (bool, error) {
	ok, err := changed(tx.db.Model(&breachRow{}).
		Where("id = ? AND closed_at IS NULL AND warned_at IS NULL AND authority_at IS NULL AND risk <> ?", b.ID, string(dsr.RiskUnlikely)).
		Update("warned_at", Micros(tx.Now)))
	if err != nil {
		return false, fmt.Errorf("warning of a breach: %w", err)
	}
	return ok, nil
}

// ForgetBreaches erases the breaches that were closed before an instant, with their keys.
func (tx *Tx) ForgetBreaches(closedBefore time.Time) (int64, error) {
	var ids []string
	if err := tx.db.Model(&breachRow{}).Where("closed_at < ?", Micros(closedBefore)).Pluck("public_id", &ids).Error; err != nil {
		return 0, fmt.Errorf("reading old breaches: %w", err)
	}
	for _, id := range ids {
		if err := tx.Shred(id, ClassCore); err != nil {
			return 0, err
		}
		if err := tx.db.Where("public_id = ?", id).Delete(&breachRow{}).Error; err != nil {
			return 0, fmt.Errorf("erasing a breach: %w", err)
		}
	}
	return int64(len(ids)), nil
}
