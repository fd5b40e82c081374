package store

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
)

// labelLedger keys the index of erased rows. It does not die with the request's keys: a restored
// backup must be erased again whenever it is restored.
const labelLedger = "erasure-ledger"

// Erased is one row that was erased, named so that only the holder of the key file can tell which.
type Erased struct {
	Source, Collection string
	RowIndex           []byte
}

type erasureRow struct {
	ID         int64
	RequestID  int64
	Source     string
	Collection string
	RowIndex   []byte
	At         int64
}

func (erasureRow) TableName() string { return "erasure_ledger" }

// ErasureIndex is the keyed index of a row of a source by its key's stable text.
func (s *Store) ErasureIndex(source, collection, key string) []byte {
	return s.opt.Ring.Index(labelLedger, source+"\x00"+collection+"\x00"+key)
}

// AddErased writes erased rows into the ledger.
func (tx *Tx) AddErased(r *Request, erased []Erased) error {
	rows := make([]erasureRow, len(erased))
	for i, e := range erased {
		rows[i] = erasureRow{RequestID: r.ID, Source: e.Source, Collection: e.Collection, RowIndex: e.RowIndex, At: Micros(tx.Now)}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.db.CreateInBatches(rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("keeping the ledger of erasures: %w", err)
	}
	return nil
}

// CountErased tells how many rows of a request the ledger holds for a source.
func (tx *Tx) CountErased(r *Request, source string) (int64, error) {
	var n int64
	if err := tx.db.Model(&erasureRow{}).Where("request_id = ? AND source = ?", r.ID, source).Count(&n).Error; err != nil {
		return 0, fmt.Errorf("counting the ledger: %w", err)
	}
	return n, nil
}

type suppressionRow struct {
	ID           int64
	Activity     string
	AddressIndex []byte
	Since        int64
}

func (suppressionRow) TableName() string { return "suppression" }

// Suppress keeps that an address does not want an activity; once is enough.
func (tx *Tx) Suppress(activity string, address []byte) error {
	row := suppressionRow{Activity: activity, AddressIndex: address, Since: Micros(tx.Now)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a suppression: %w", err)
	}
	return nil
}

// Suppressed tells since when an address does not want an activity.
func (tx *Tx) Suppressed(activity string, address []byte) (time.Time, bool, error) {
	var rows []suppressionRow
	if err := tx.db.Where("activity = ? AND address_index = ?", activity, address).Find(&rows).Error; err != nil {
		return time.Time{}, false, fmt.Errorf("reading a suppression: %w", err)
	}
	if len(rows) == 0 {
		return time.Time{}, false, nil
	}
	return Instant(rows[0].Since), true, nil
}

// AskedOlderContact tells whether the person was asked once for an older address, phone or number.
func (r *Request) AskedOlderContact() bool {
	for _, e := range r.Events {
		if e.Kind == dsr.EventQuestionAsked && e.Data.Code == "older_contact" {
			return true
		}
	}
	return false
}
