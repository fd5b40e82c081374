package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm/clause"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// Retention classes: each is sealed under a data key of its own and dies at its own time.
const (
	ClassCore     = "core"     // who asked, what, messages, decisions: some years after closing (dsr.Keep)
	ClassEvidence = "evidence" // findings, plans, identifiers: gone with the package
	ClassPackage  = "package"  // what was delivered
	ClassStaff    = "staff"    // names and addresses of members
	ClassSource   = "source"   // how the company's systems are reached
	ClassIdentity = "identity" // a reply to the question who the person is: a key of its own, until that is decided
)

// ErrShredded says that what is asked for was erased because its time was up.
var ErrShredded = fault.Define(fault.Gone, "shredded",
	"Opplysningene er slettet fordi oppbevaringstiden er ute.",
	"Opplysningane er sletta fordi oppbevaringstida er ute.",
	"The data were erased because their time was up.")

type dataKeyRow struct {
	ID         int64
	PublicID   string
	Owner      string
	Class      string
	Wrapped    []byte
	CreatedAt  int64
	ShreddedAt *int64
}

func (dataKeyRow) TableName() string { return "data_key" }

func wrapPlace(publicID string) keyring.Place {
	return keyring.Place{Table: "data_key", Column: "wrapped", Row: publicID}
}

// Key gives the data key of an owner (the public id of a request, a member, a source) and a
// retention class, and makes it when there is none. It is ErrShredded once it was shredded.
func (tx *Tx) Key(owner, class string) (keyring.DataKey, error) {
	if k, ok := tx.keys[owner+"/"+class]; ok {
		return k, nil
	}
	row, err := tx.keyRow(owner, class)
	if err != nil {
		return keyring.DataKey{}, err
	}
	if row == nil {
		if err := tx.makeKey(owner, class); err != nil {
			return keyring.DataKey{}, err
		}
		if row, err = tx.keyRow(owner, class); err != nil {
			return keyring.DataKey{}, err
		}
	}
	return tx.unwrap(row)
}

// keyThere gives a data key that something was sealed under; it never makes one.
func (tx *Tx) keyThere(owner, class string) (keyring.DataKey, error) {
	if k, ok := tx.keys[owner+"/"+class]; ok {
		return k, nil
	}
	row, err := tx.keyRow(owner, class)
	if err != nil {
		return keyring.DataKey{}, err
	}
	if row == nil {
		return keyring.DataKey{}, errors.New("a data key is missing")
	}
	return tx.unwrap(row)
}

// loadKeys reads the data keys of many owners at once, for what is opened next.
func (tx *Tx) loadKeys(owners []string, class string) error {
	var rows []dataKeyRow
	if err := tx.db.Where("owner IN ? AND class = ? AND shredded_at IS NULL", owners, class).Find(&rows).Error; err != nil {
		return fmt.Errorf("reading data keys: %w", err)
	}
	for i := range rows {
		if _, err := tx.unwrap(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) unwrap(row *dataKeyRow) (keyring.DataKey, error) {
	if row.ShreddedAt != nil {
		return keyring.DataKey{}, ErrShredded
	}
	k, err := tx.Ring().Unwrap(row.Wrapped, wrapPlace(row.PublicID))
	if err != nil {
		return keyring.DataKey{}, fmt.Errorf("unwrapping a data key: %w", err)
	}
	tx.keys[row.Owner+"/"+row.Class] = k
	return k, nil
}

func (tx *Tx) keyRow(owner, class string) (*dataKeyRow, error) {
	var rows []dataKeyRow
	err := tx.db.Where("owner = ? AND class = ?", owner, class).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading a data key: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

func (tx *Tx) makeKey(owner, class string) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	wrapped, err := tx.Ring().Wrap(keyring.NewDataKey(), wrapPlace(id))
	if err != nil {
		return fmt.Errorf("wrapping a data key: %w", err)
	}
	row := dataKeyRow{PublicID: id, Owner: owner, Class: class, Wrapped: wrapped, CreatedAt: Micros(tx.Now)}
	// Another transaction may have made it meanwhile: then theirs is read next.
	err = tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("keeping a data key: %w", err)
	}
	return nil
}

// Shred destroys a data key; all that was sealed under it can never be read again, and nothing can
// be sealed under its name any more, even if nothing had been. Shredding twice is nothing. Call
// Store.Truncate after the commit.
func (tx *Tx) Shred(owner, class string) error {
	delete(tx.keys, owner+"/"+class)
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	at := Micros(tx.Now)
	never := dataKeyRow{PublicID: id, Owner: owner, Class: class, CreatedAt: at, ShreddedAt: &at}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&never).Error; err != nil {
		return fmt.Errorf("shredding a data key: %w", err)
	}
	err = tx.db.Model(&dataKeyRow{}).
		Where("owner = ? AND class = ? AND shredded_at IS NULL", owner, class).
		Updates(map[string]any{"wrapped": nil, "shredded_at": at}).Error
	if err != nil {
		return fmt.Errorf("shredding a data key: %w", err)
	}
	return nil
}

// Rewrap wraps the data keys that lie under an older wrapping key under the newest, some at a time, each
// batch in a transaction of its own. What is sealed under them does not change. Others may work meanwhile:
// a key that is shredded stays so. It gives how many it wrapped.
func (s *Store) Rewrap(ctx context.Context) (int, error) {
	const batch = 200
	done, last := 0, int64(0)
	for more := true; more; {
		var rows []dataKeyRow
		n := 0
		err := s.InTx(ctx, func(tx *Tx) error {
			rows, n = nil, 0
			if err := tx.db.Where("id > ? AND shredded_at IS NULL", last).Order("id").Limit(batch).Find(&rows).Error; err != nil {
				return fmt.Errorf("reading data keys: %w", err)
			}
			for _, row := range rows {
				ok, err := tx.rewrap(row)
				if err != nil {
					return err
				}
				if ok {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += n
		if more = len(rows) == batch; more {
			last = rows[batch-1].ID
		}
	}
	return done, s.Truncate(ctx)
}

func (tx *Tx) rewrap(row dataKeyRow) (bool, error) {
	if !tx.Ring().Stale(row.Wrapped) {
		return false, nil
	}
	at := wrapPlace(row.PublicID)
	k, err := tx.Ring().Unwrap(row.Wrapped, at)
	if err != nil {
		return false, fmt.Errorf("unwrapping a data key: %w", err)
	}
	wrapped, err := tx.Ring().Wrap(k, at)
	if err != nil {
		return false, fmt.Errorf("wrapping a data key: %w", err)
	}
	ok, err := changed(tx.db.Model(&dataKeyRow{}).Where("id = ? AND wrapped = ?", row.ID, row.Wrapped).Update("wrapped", wrapped))
	if err != nil {
		return false, fmt.Errorf("keeping a data key: %w", err)
	}
	return ok, nil
}

// ErrOldKey says that the key file lacks a wrapping key, or has another one by the same number: it is a copy from
// before the keys were rotated, or was rotated elsewhere.
var ErrOldKey = errors.New("the key file is not the newest: it lacks a wrapping key that the database uses; find the copy that was made after the last 'mininfo key rotate'")

// CheckKeys tries the ring on one data key under each wrapping key. Not the newest alone: after a rotation that was cut
// off, that one may still lie under the old wrapping key.
func (s *Store) CheckKeys(ctx context.Context) error { return checkKeys(ctx, s.sql, s.opt.Ring) }

func checkKeys(ctx context.Context, db *sql.DB, ring *keyring.Ring) error {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`SELECT public_id, wrapped FROM data_key WHERE id IN
		(SELECT max(id) FROM data_key WHERE shredded_at IS NULL GROUP BY substr(wrapped, 1, %d))`, keyring.WrapHeader))
	if err != nil {
		return fmt.Errorf("reading data keys: %w", safe(err))
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var wrapped []byte
		if err := rows.Scan(&id, &wrapped); err != nil {
			return fmt.Errorf("reading data keys: %w", err)
		}
		if _, err := ring.Unwrap(wrapped, wrapPlace(id)); err != nil {
			return ErrOldKey
		}
	}
	return rows.Err()
}

// WrappingKeys tells how many data keys lie under each wrapping key, by its number.
func (tx *Tx) WrappingKeys() (map[uint32]int64, error) {
	var rows []struct {
		Head []byte
		Keys int64
	}
	err := tx.db.Raw("SELECT substr(wrapped, 1, ?) AS head, count(*) AS keys FROM data_key WHERE shredded_at IS NULL GROUP BY 1", keyring.WrapHeader).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("counting data keys: %w", err)
	}
	of := map[uint32]int64{}
	for _, row := range rows {
		id, _ := keyring.WrappedUnder(row.Head)
		of[id] += row.Keys
	}
	return of, nil
}

// seal seals a value for its place under the key of (owner, class). An empty value is nil.
func (tx *Tx) seal(owner, class, table, column, row string, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	k, err := tx.Key(owner, class)
	if err != nil {
		return nil, err
	}
	sealed, err := k.Seal(plain, keyring.Place{Table: table, Column: column, Row: row})
	if err != nil {
		return nil, fmt.Errorf("sealing %s.%s: %w", table, column, err)
	}
	return sealed, nil
}

// open is the reverse of seal; nil opens as nil.
func (tx *Tx) open(owner, class, table, column, row string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	k, err := tx.keyThere(owner, class)
	if err != nil {
		return nil, err
	}
	plain, err := k.Open(sealed, keyring.Place{Table: table, Column: column, Row: row})
	if err != nil {
		return nil, fmt.Errorf("opening %s.%s: %w", table, column, err)
	}
	return plain, nil
}

// AddressIndex is the keyed index that an address is found by; the canonical form is hashed.
func (s *Store) AddressIndex(canonical string) []byte {
	return s.opt.Ring.Index(keyring.LabelAddressIndex, canonical)
}

// AddressIndex is Store.AddressIndex.
func (tx *Tx) AddressIndex(canonical string) []byte { return tx.s.AddressIndex(canonical) }
