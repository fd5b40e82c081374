package store

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"mininfo/internal/engine"
	"mininfo/internal/keyring"
)

// ClassRestriction seals the keys of restricted rows. They outlive the findings: the mark has to be
// found again to be taken away.
const ClassRestriction = "restriction"

// labelRestriction keys the indexes of restricted rows.
const labelRestriction = "restricted-row"

// The states of a restriction.
const (
	RestrictionWaiting    = "waiting"     // the portal has to mark the row
	RestrictionMarked     = "marked"      // the mark stands in the system
	RestrictionByHand     = "by_hand"     // somebody has to mark it where it lies
	RestrictionHandMarked = "hand_marked" // somebody says that it is marked
)

// Restriction is a row that is only stored, for one case (Art. 18).
type Restriction struct {
	ID         int64
	Source     string
	Dataset    string
	Collection string
	Key        keyring.Private // the row's key as JSON; empty once it is lifted
	Activity   string
	Ground     string // 18(1)(a)–(d), or the exception of Art. 17(3) that it rests on
	State      string
	Since      time.Time
	LiftedAt   *time.Time
}

type restrictionRow struct {
	ID           int64
	PublicID     string
	RequestID    int64
	Source       string
	Dataset      string
	Collection   string
	RowIndex     []byte
	AddressIndex []byte
	SealedKey    []byte
	Activity     string
	Ground       string
	State        string
	Since        int64
	LiftedAt     *int64
}

func (restrictionRow) TableName() string { return "restriction" }

// RestrictedRow is the keyed index under which a row is restricted.
func (s *Store) RestrictedRow(source, dataset, collection string, key []engine.KeyPart) []byte {
	return engine.RowIndex(s.opt.Ring.Derive(labelRestriction), engine.RowName{Source: source, Dataset: dataset, Collection: collection, Key: key})
}

// NewRestriction is a row to be restricted, with its index.
type NewRestriction struct {
	Restriction
	Row []byte
}

// Restrict notes rows that are only stored from now on, and tells how many were not there: a row is
// restricted once for a case.
func (tx *Tx) Restrict(r *Request, list []NewRestriction) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	own, err := tx.PersonAddresses(r)
	if err != nil {
		return 0, err
	}
	var address []byte
	if len(own) > 0 {
		address = own[0]
	}
	rows := make([]restrictionRow, len(list))
	for i, n := range list {
		id, err := tx.NewID()
		if err != nil {
			return 0, err
		}
		sealed, err := tx.seal(r.PublicID, ClassRestriction, "restriction", "sealed_key", id, []byte(n.Key.Reveal()))
		if err != nil {
			return 0, err
		}
		rows[i] = restrictionRow{PublicID: id, RequestID: r.ID, Source: n.Source, Dataset: n.Dataset, Collection: n.Collection, RowIndex: n.Row,
			AddressIndex: address, SealedKey: sealed, Activity: n.Activity, Ground: n.Ground, State: n.State, Since: Micros(tx.Now)}
	}
	result := tx.db.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, rowsAtOnce)
	if result.Error != nil {
		return 0, fmt.Errorf("keeping restrictions: %w", result.Error)
	}
	return int(result.RowsAffected), nil
}

// Restrictions gives what is restricted for a case now, in the order in which it was.
func (tx *Tx) Restrictions(r *Request) ([]Restriction, error) {
	var rows []restrictionRow
	if err := tx.db.Where("request_id = ? AND lifted_at IS NULL", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading restrictions: %w", err)
	}
	list := make([]Restriction, len(rows))
	for i, row := range rows {
		key, err := tx.open(r.PublicID, ClassRestriction, "restriction", "sealed_key", row.PublicID, row.SealedKey)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		list[i] = Restriction{ID: row.ID, Source: row.Source, Dataset: row.Dataset, Collection: row.Collection, Key: keyring.NewPrivate(string(key)),
			Activity: row.Activity, Ground: row.Ground, State: row.State, Since: Instant(row.Since), LiftedAt: instantOrNil(row.LiftedAt)}
	}
	return list, nil
}

// MoveRestrictions gives restrictions another state, those alone that are in the one they were read in.
func (tx *Tx) MoveRestrictions(ids []int64, from, to string) error {
	return tx.eachPart(ids, func(part []int64) error {
		err := tx.db.Model(&restrictionRow{}).Where("id IN ? AND state = ? AND lifted_at IS NULL", part, from).Update("state", to).Error
		if err != nil {
			return fmt.Errorf("moving restrictions: %w", err)
		}
		return nil
	})
}

// MarkAgain lets rows of a system that bear their mark wait for it once more, and tells whose cases
// they are of: a restored backup may not have it.
func (tx *Tx) MarkAgain(source string) ([]string, error) {
	marked := func() *gorm.DB {
		return tx.db.Model(&restrictionRow{}).Where("source = ? AND state = ? AND lifted_at IS NULL", source, RestrictionMarked)
	}
	var cases []string
	err := tx.db.Model(&requestRow{}).Where("id IN (?)", marked().Select("request_id")).Order("id").Pluck("public_id", &cases).Error
	if err == nil {
		err = marked().Update("state", RestrictionWaiting).Error
	}
	if err != nil {
		return nil, fmt.Errorf("marking restricted rows again: %w", err)
	}
	return cases, nil
}

// Lift ends restrictions and forgets the keys of their rows. It tells how many it ended.
func (tx *Tx) Lift(ids []int64) (int64, error) {
	lifted := int64(0)
	err := tx.eachPart(ids, func(part []int64) error {
		result := tx.db.Model(&restrictionRow{}).Where("id IN ? AND lifted_at IS NULL", part).
			Updates(map[string]any{"lifted_at": Micros(tx.Now), "sealed_key": nil})
		if result.Error != nil {
			return fmt.Errorf("lifting restrictions: %w", result.Error)
		}
		lifted += result.RowsAffected
		return nil
	})
	return lifted, err
}

// DropRestrictions removes the lifted restrictions of a request: what a purged one leaves must lead to nobody.
func (tx *Tx) DropRestrictions(r *Request) error {
	if err := tx.db.Where("request_id = ? AND lifted_at IS NOT NULL", r.ID).Delete(&restrictionRow{}).Error; err != nil {
		return fmt.Errorf("removing restrictions: %w", err)
	}
	return nil
}

// eachPart calls fn with as many ids as one statement takes.
func (tx *Tx) eachPart(ids []int64, fn func([]int64) error) error {
	for len(ids) > 0 {
		n := min(len(ids), rowsAtOnce)
		if err := fn(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// RestrictedElsewhere gives the indexes of all rows that are restricted for other cases, since a moment.
func (tx *Tx) RestrictedElsewhere(r *Request, since time.Time) (map[string]bool, error) {
	var rows []restrictionRow
	err := tx.db.Select("row_index").Where("request_id <> ? AND lifted_at IS NULL AND since >= ?", r.ID, Micros(since)).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading restricted rows: %w", err)
	}
	set := make(map[string]bool, len(rows))
	for _, row := range rows {
		set[string(row.RowIndex)] = true
	}
	return set, nil
}

// RestrictedAt tells since when activities are restricted for addresses, by the index of the address.
func (tx *Tx) RestrictedAt(addresses [][]byte) (map[string]map[string]time.Time, error) {
	var rows []restrictionRow
	err := tx.db.Select("address_index", "activity", "MIN(since) AS since").Where("address_index IN ? AND lifted_at IS NULL", addresses).
		Group("address_index, activity").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading restrictions of addresses: %w", err)
	}
	out := map[string]map[string]time.Time{}
	for _, row := range rows {
		note(out, row.AddressIndex, row.Activity, row.Since)
	}
	return out, nil
}

// SuppressedAt tells since when activities are not wanted by addresses, by the index of the address.
func (tx *Tx) SuppressedAt(addresses [][]byte) (map[string]map[string]time.Time, error) {
	var rows []suppressionRow
	if err := tx.db.Where("address_index IN ?", addresses).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading suppressions: %w", err)
	}
	out := map[string]map[string]time.Time{}
	for _, row := range rows {
		note(out, row.AddressIndex, row.Activity, row.Since)
	}
	return out, nil
}

func note(out map[string]map[string]time.Time, address []byte, activity string, since int64) {
	if out[string(address)] == nil {
		out[string(address)] = map[string]time.Time{}
	}
	out[string(address)][activity] = Instant(since)
}
